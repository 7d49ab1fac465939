import { DataFolder } from "../../../peer/storage/data_folder.ts";
import { findPaths } from "../../../peer/storage/file_paths.ts";
import { assertEquals } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test({
  name: "a file is looked for under its own name, then under those that others give it",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await TempFolder.make();
  const names = ["own?", "former?", "other size?", "unfinished?", "new?", ".."];
  const files = names.map((path, index) => {
    return { path, parts: [path], offset: index * 3, length: 3, pad: false, symlink: false };
  });
  const bytes = new Uint8Array(3);
  for (const name of ["own?", "own_", "former_", "unfinished_.part"]) {
    await folder.write(name, bytes);
  }
  await folder.write("other size_", new Uint8Array(4));
  assertEquals(
    await findPaths(new DataFolder(folder.at(".")), files),
    ["own?", "former_", "other size?", "unfinished_", "new?", "_"],
  );
});
