import { ResumeDb } from "../../../peer/resume/resume_db.ts";
import { replaceFile } from "../../../peer/storage/replace_file.ts";
import { StorageError } from "../../../peer/ports.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("records are not opened through links that lead out of the store", async () => {
  for (
    const name of [".vtorrent", ".vtorrent/torrents", ".vtorrent/peer.lock", ".vtorrent/peer.db"]
  ) {
    await using folder = await TempFolder.make();
    await Deno.mkdir(folder.at("outside"));
    await folder.write("victim", "precious");
    await Deno.mkdir(folder.at("store"));
    if (name !== ".vtorrent") await Deno.mkdir(folder.at("store/.vtorrent"));
    const isFolder = !/peer/.test(name);
    await Deno.symlink(folder.at(isFolder ? "outside" : "victim"), folder.at(`store/${name}`));
    const error = await assertRejects(
      () => ResumeDb.open(folder.at("store/.vtorrent")),
      StorageError,
    );
    assertMatch(error.message, /^Cannot use .*: it is a link.* Remove it and start again$/);
    assertEquals([...Deno.readDirSync(folder.at("outside"))], []);
    assertEquals(await Deno.readTextFile(folder.at("victim")), "precious");
  }
});

Deno.test("a small file is replaced, and nothing behind a link in its way", async () => {
  await using folder = await TempFolder.make();
  await folder.write("victim", "precious");
  for (const name of ["a", "a.new"]) await Deno.symlink(folder.at("victim"), folder.at(name));
  replaceFile(folder.at("a"), new TextEncoder().encode("mine"));
  assertEquals(await Deno.readTextFile(folder.at("a")), "mine");
  assertEquals(await Deno.readTextFile(folder.at("victim")), "precious");
});
