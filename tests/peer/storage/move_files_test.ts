import { join } from "@std/path";
import { DataFolder } from "../../../peer/storage/data_folder.ts";
import { placeFiles } from "../../../peer/storage/move_files.ts";
import { StorageError } from "../../../peer/mod.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { someBytes } from "../../support/swarm.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { Tmpfs } from "../../support/tmpfs.ts";

const MOVES = [{ from: "a/one", to: "b/one" }, { from: "a/two", to: "b/deep/two" }];

/** Two folders, with files in the first. */
async function start(to?: string) {
  const folder = await TempFolder.make();
  await folder.write("from/a/one", someBytes(3000, 1));
  await folder.write("from/a/two", someBytes(70_000, 2));
  const source = new DataFolder(join(folder.path, "from"));
  const target = new DataFolder(to ?? join(folder.path, "to"));
  return { source, target, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

function names(folder: DataFolder): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const entry of Deno.readDirSync(join(folder.dir, path))) {
      const name = join(path, entry.name);
      if (entry.isDirectory) visit(name);
      else found.push(name);
    }
  };
  visit("");
  return found.sort();
}

Deno.test("until it is finished each file has both names, and afterwards the new one", async () => {
  await using place = await start();
  const placed = await placeFiles(place.source, place.target, MOVES);
  assertEquals(names(place.source), ["a/one", "a/two"]);
  assertEquals(names(place.target), ["b/deep/two", "b/one"]);
  await placed.finish();
  assertEquals(names(place.source), []);
  assertEquals(await Deno.readFile(place.target.path("b/deep/two")), someBytes(70_000, 2));
});

Deno.test("where one name is taken nothing is moved", async () => {
  await using place = await start();
  place.target.create("b/deep/two").close();
  await assertRejects(
    () => placeFiles(place.source, place.target, MOVES),
    StorageError,
    "exists already",
  );
  assertEquals(names(place.source), ["a/one", "a/two"]);
  assertEquals(names(place.target), ["b/deep/two"]);
});

Deno.test("to another disk files are copied; where they do not fit nothing is left there", async () => {
  await using disk = await Tmpfs.mount("size=64k");
  if (disk === undefined) return;
  await using place = await start(disk.path);
  await assertRejects(() => placeFiles(place.source, place.target, MOVES), StorageError);
  assertEquals(names(place.target), []);
  assertEquals(names(place.source), ["a/one", "a/two"]);
  const placed = await placeFiles(place.source, place.target, MOVES.slice(0, 1));
  await placed.finish();
  assertEquals(await Deno.readFile(place.target.path("b/one")), someBytes(3000, 1));
  assertEquals(names(place.source), ["a/two"]);
});
