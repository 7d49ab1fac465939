/**
 * Killed in the middle, again and again: nothing is lost and nothing is wrong afterwards.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { seededRandom } from "../support/random.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

const KILLS = 30;
const PIECE = 64 * 1024;
/** More than can arrive before the last kill. */
const PIECES = 600;

Deno.test("a peer killed with kill -9 at 30 random moments completes, byte by byte the same", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const source = await folder.write("peer_files/peer_1/film.mp4", patternBytes(PIECE * PIECES - 7));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await using seed = Vtorrent.peer("1", { tracker: url, cwd });
  await seed.type(`send film.mp4 --piece-length ${PIECE}`);
  await seed.event("sent");

  const random = seededRandom(20);
  let verified = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await using peer = Vtorrent.peer("2", {
      tracker: url,
      cwd,
      args: ["--download-limit", "6M"],
    });
    // The first time it is told what to do; later it goes on by itself.
    if (kill === 0) await peer.type("download film.mp4");
    // Any moment between the start and some twenty pieces on: events come at every step of a piece.
    const lines = 1 + Math.floor(random() * 40);
    await peer.until(() => peer.events.length >= lines || undefined, `${lines} events`);
    peer.kill("SIGKILL");
    await peer.ended();
    assertEquals(peer.count("torrent-completed"), 0, `complete before kill ${kill + 1}`);
    verified += peer.count("piece-verified");
  }

  await using peer = Vtorrent.peer("2", { tracker: url, cwd });
  await peer.type("download film.mp4");
  await peer.event("downloaded");
  verified += peer.count("piece-verified");
  await peer.type("exit");
  assertEquals((await peer.ended()).code, 0);
  assertEquals(await digestOf(folder.at("peer_files/peer_2/film.mp4")), await digestOf(source));
  // Only what was not yet safe on disk is fetched again: at most the piece in the making.
  assert(verified - PIECES <= KILLS, `${verified - PIECES} pieces were downloaded twice`);
});
