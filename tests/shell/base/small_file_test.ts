import { join } from "@std/path";
import { UsageError } from "../../../shell/base/errors.ts";
import { readSmallFile } from "../../../shell/base/small_file.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("a small file is read; one that never ends, a folder and a large one are refused", async () => {
  await using folder = await TempFolder.make();
  const at = (name: string) => join(folder.path, name);
  await folder.write("small.jsonc", new TextEncoder().encode("{}"));
  assertEquals(await readSmallFile(at("small.jsonc"), "small.jsonc", "template"), "{}");
  await Deno.symlink("/dev/zero", at("endless.jsonc"));
  await folder.write("large.jsonc", new Uint8Array(200_001));
  const cases = [
    ["endless.jsonc", "endless.jsonc is no file"],
    [".", ". is no file"],
    ["large.jsonc", "large.jsonc is too large for a template: 200001 bytes"],
  ] as const;
  for (const [name, words] of cases) {
    await assertRejects(() => readSmallFile(at(name), name, "template"), UsageError, words);
  }
  await assertRejects(
    () => readSmallFile(at("none"), "none", "template"),
    Deno.errors.NotFound,
  );
});
