import { listStore, pathInStore } from "../../../shell/dashboard/store_paths.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("pathInStore(): nothing leads out of the store", async () => {
  await using folder = await TempFolder.make();
  const store = folder.at("store");
  await folder.write("secret/key", "k");
  await folder.write("store/course/notes.txt", "n");
  await folder.write("store/.vtorrent/peer.db", "d");
  await Deno.symlink(folder.at("secret"), folder.at("store/way"));
  await Deno.symlink(folder.at("later"), folder.at("store/dangling"));
  assertEquals(await pathInStore(store, ""), store);
  assertEquals(await pathInStore(store, "course/notes.txt"), folder.at("store/course/notes.txt"));
  assertEquals(await pathInStore(store, "new/folder"), folder.at("store/new/folder"));
  for (
    const path of [
      "..",
      "../secret/key",
      "course/../../secret/key",
      "course\\..\\..\\secret",
      "/etc/passwd",
      "C:\\Windows",
      "way/key",
      "way",
      ".vtorrent/peer.db",
      "course/.hidden",
      "a\u0000b",
    ]
  ) {
    await assertRejects(() => pathInStore(store, path), Error, "is not in the store");
  }
  await assertRejects(() => pathInStore(store, "dangling/x"), Deno.errors.NotFound);
});

Deno.test("listStore(): folders first, nothing hidden, nothing unfinished", async () => {
  await using folder = await TempFolder.make();
  await folder.write("b.txt", "12345");
  await folder.write("a/c.txt", "1");
  await folder.write("half.iso.part", "1");
  await folder.write(".vtorrent/peer.db", "1");
  assertEquals(await listStore(folder.path, ""), [
    { name: "a", path: "a", kind: "folder", size: null },
    { name: "b.txt", path: "b.txt", kind: "file", size: 5 },
  ]);
  assertEquals(await listStore(folder.path, "a"), [
    { name: "c.txt", path: "a/c.txt", kind: "file", size: 1 },
  ]);
});
