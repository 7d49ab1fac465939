import { join } from "node:path";
import { assertEquals } from "../support/assert.ts";
import { generatedDocs } from "../../scripts/docs.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("README and docs/reference.md say what the tables say (else: deno task docs)", async () => {
  for (const [path, text] of await generatedDocs()) {
    assertEquals(await Deno.readTextFile(join(ROOT, path)), text, `${path}: run deno task docs`);
  }
});
