/**
 * Pieces that are lost while they are shared: libtorrent hears of it (BEP 54), and gives them back.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import { addressOf, TestEngine } from "../support/swarm.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";

const PIECE = 32768;
const COUNT = 30;

/** Spoils a piece on disk without a trace in size or time. */
async function damage(path: string, piece: number): Promise<void> {
  const { mtime, atime } = await Deno.stat(path);
  const bytes = await Deno.readFile(path);
  bytes.set([0, 1, 2, 3], piece * PIECE);
  await Deno.writeFile(`${path}~`, bytes);
  await Deno.utime(`${path}~`, atime!, mtime!);
  await Deno.rename(`${path}~`, path);
}

for (const kind of ["v1", "hybrid", "v2"] as const) {
  Deno.test(`libtorrent hears which pieces of a ${kind} torrent are gone, and completes`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    const path = await folder.write("source/n", patternBytes(COUNT * PIECE, 1));
    // Slow enough that libtorrent still wants something when pieces are lost.
    await using seed = await TestEngine.start({ dir: folder.at("source"), uploadLimit: 16384 });
    const { torrent, infoHash } = await seed.engine.share(path, { pieceLength: PIECE, kind });
    await seed.until("torrent-state", ({ state }) => state === "seeding");
    await Deno.writeFile(folder.at("it.torrent"), torrent);
    const { host, port } = addressOf(seed);
    await using other = await Libtorrent.start(folder.at("it.torrent"), folder.at("target"), [
      "--peer",
      `${host}:${port}`,
      "--watch",
    ]);
    await other.line(new RegExp(`^peer has ${COUNT}$`));
    await damage(path, 3);
    await damage(path, 17);
    assertEquals((await seed.engine.verify(infoHash)).lost, 2);
    await other.line(new RegExp(`^peer has ${COUNT - 2}$`));
    // A third one has everything: who lost pieces gets them there, and libtorrent all of it.
    await folder.write("third/n", patternBytes(COUNT * PIECE, 1));
    await using third = await TestEngine.start({ dir: folder.at("third") });
    await third.engine.add(torrent);
    await third.until("torrent-state", ({ state }) => state === "seeding");
    seed.engine.addPeer(infoHash, addressOf(third));
    seed.engine.resume(infoHash, "over");
    await seed.until("torrent-completed");
    seed.engine.setLimits({ upload: 0 });
    await other.complete();
    assertEquals(await digestsOf(folder.at("target")), await digestsOf(folder.at("source")));
    assert(!other.stdout.some((line) => line.startsWith("error")), other.stdout.join("\n"));
  });
}

Deno.test("pieces that a seed lost on disk come back from libtorrent", async () => {
  if (!await Libtorrent.isInstalled()) return;
  await using folder = await TempFolder.make();
  const path = await folder.write("source/n", patternBytes(COUNT * PIECE, 1));
  await folder.write("target/n", patternBytes(COUNT * PIECE, 1));
  await using seed = await TestEngine.start({ dir: folder.at("source") });
  const { torrent, infoHash } = await seed.engine.share(path, { pieceLength: PIECE });
  await Deno.writeFile(folder.at("it.torrent"), torrent);
  await using other = await Libtorrent.start(folder.at("it.torrent"), folder.at("target"));
  await other.complete();
  for (const piece of [0, 8, COUNT - 1]) await damage(path, piece);
  assertEquals((await seed.engine.verify(infoHash)).lost, 3);
  seed.engine.addPeer(infoHash, { host: "127.0.0.1", port: await other.port() });
  seed.engine.resume(infoHash, "over");
  await seed.until("torrent-completed");
  assertEquals(await digestsOf(folder.at("source")), await digestsOf(folder.at("target")));
});
