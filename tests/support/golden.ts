/**
 * Texts as they should look, in files: `VTORRENT_GOLDEN=update deno test …` writes them anew.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { assertEquals } from "./assert.ts";

const FOLDER = join(import.meta.dirname!, "..", "testdata", "golden");

/** Compares a text with `tests/testdata/golden/<name>.txt`. */
export async function assertGolden(name: string, text: string): Promise<void> {
  const path = join(FOLDER, `${name}.txt`);
  if (Deno.env.get("VTORRENT_GOLDEN") === "update") {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  assertEquals(text, await Deno.readTextFile(path));
}
