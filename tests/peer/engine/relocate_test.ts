/**
 * A torrent's files get another folder or name, and nobody's file is written over.
 *
 * @module
 */
import { join } from "@std/path";
import { StorageError } from "../../../peer/mod.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const KIB = 1024;

function only(peer: TestEngine) {
  return peer.engine.snapshot().torrents[0]!;
}

function exists(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, () => false);
}

Deno.test("a seed goes on from another folder and name, also after a restart", async () => {
  await using folder = await TempFolder.make();
  const stateDir = join(folder.path, "state");
  const dir = join(folder.path, "data");
  await Deno.mkdir(dir);
  {
    await using seed = await TestEngine.start({ dir, stateDir });
    await seed.put("course/a.bin", someBytes(100 * KIB, 1));
    await seed.put("course/deep/b.bin", someBytes(50 * KIB, 2));
    const { infoHash } = await seed.engine.share(join(dir, "course"));
    await seed.engine.relocate(infoHash, { dir: join(dir, "shelf"), name: "week 7" });
    assertEquals(await seed.read("shelf/week 7/a.bin"), someBytes(100 * KIB, 1));
    assertEquals(await exists(join(dir, "course")), false, "no empty folders stay");
    await seed.when(() => only(seed).state === "seeding", "it to seed again");
    assertEquals([only(seed).diskName, only(seed).name], ["week 7", "course"]);
    await using peer = await TestEngine.start();
    await peer.engine.add(seed.engine.torrentBytes(infoHash));
    peer.engine.addPeer(infoHash, addressOf(seed));
    await peer.until("torrent-completed");
    assertEquals(await peer.read("course/deep/b.bin"), someBytes(50 * KIB, 2));
    // The folder of the test is what the next one goes on with.
    await Deno.rename(dir, `${dir}-kept`);
    await Deno.mkdir(dir);
    await seed.engine[Symbol.asyncDispose]();
  }
  await Deno.rename(`${dir}-kept`, dir);
  await using seed = await TestEngine.start({ dir, stateDir });
  await seed.when(() => only(seed).state === "seeding", "it to be back");
  assertEquals(only(seed).piecesHave, only(seed).pieceCount);
});

Deno.test("a download that is under way is moved with what it has, and goes on", async () => {
  await using folder = await TempFolder.make();
  await using seed = await TestEngine.start({ uploadLimit: 100 * KIB });
  await seed.put("course/a.bin", someBytes(600 * KIB, 1));
  await seed.put("course/b.bin", someBytes(300 * KIB, 2));
  const { infoHash, torrent } = await seed.engine.share(join(seed.dir, "course"));
  await using peer = await TestEngine.start({ stateDir: join(folder.path, "state") });
  await peer.engine.add(torrent);
  peer.engine.addPeer(infoHash, addressOf(seed));
  await peer.when(() => only(peer).piecesHave > 2, "some pieces");
  const before = only(peer).piecesHave;
  await peer.engine.relocate(infoHash, { dir: join(peer.dir, "shelf") });
  await peer.when(() => only(peer).state === "downloading", "it to go on");
  assertEquals(only(peer).piecesHave >= before, true, "nothing is fetched twice");
  seed.engine.setLimits({ upload: 0 });
  peer.engine.addPeer(infoHash, addressOf(seed));
  await peer.until("torrent-completed");
  assertEquals(await peer.read("shelf/course/b.bin"), someBytes(300 * KIB, 2));
  assertEquals(await exists(join(peer.dir, "course")), false);
});

Deno.test("what is there already is not touched, and the torrent stays where it was", async () => {
  await using folder = await TempFolder.make();
  await using seed = await TestEngine.start({ stateDir: join(folder.path, "state") });
  await seed.put("a.bin", someBytes(50 * KIB, 1));
  await seed.put("taken.bin", someBytes(10, 9));
  await seed.put("shelf/a.bin", someBytes(10, 8));
  const { infoHash } = await seed.engine.share(join(seed.dir, "a.bin"));
  const refused = (place: { dir?: string; name?: string }, words: string) =>
    assertRejects(() => seed.engine.relocate(infoHash, place), StorageError, words);
  await refused({ name: "taken.bin" }, "taken.bin exists already");
  await refused({ dir: join(seed.dir, "shelf") }, "exists already");
  await refused({ name: "../out" }, "No file can be called");
  await refused({ name: ".vtorrent" }, "No file can be called");
  assertEquals(await seed.read("taken.bin"), someBytes(10, 9));
  assertEquals(await seed.read("shelf/a.bin"), someBytes(10, 8));
  await seed.when(() => only(seed).state === "seeding", "it to seed");
  assertEquals(only(seed).dir, seed.dir);
});

Deno.test("a file that another torrent uses stays, and both go on", async () => {
  await using folder = await TempFolder.make();
  await using seed = await TestEngine.start({ stateDir: join(folder.path, "state") });
  await seed.put("course/a.bin", someBytes(50 * KIB, 1));
  await seed.put("course/b.bin", someBytes(50 * KIB, 2));
  await seed.engine.share(join(seed.dir, "course/a.bin"));
  const { infoHash } = await seed.engine.share(join(seed.dir, "course"));
  await assertRejects(
    () => seed.engine.relocate(infoHash, { name: "other" }),
    StorageError,
    "another torrent uses it",
  );
  await seed.when(
    () => seed.engine.snapshot().torrents.every(({ state }) => state === "seeding"),
    "both to seed",
  );
  assertEquals(await exists(join(seed.dir, "other")), false);
});
