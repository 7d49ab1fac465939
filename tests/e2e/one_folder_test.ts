/**
 * Two programs that download one torrent into one folder: the second says so at its start.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

Deno.test("a second download of a torrent into one folder says who is at it, and goes on later", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/film.mp4", patternBytes(3_000_000));
  const { tracker: _tracker, url } = await Vtorrent.tracker({ cwd });
  await using _ = _tracker;
  const options = { cwd, tracker: url };
  await using seed = Vtorrent.peer("1", { ...options, args: ["--upload-limit", "100k"] });
  await seed.type("send film.mp4");
  await seed.event("sent");
  const args = ["download", "film.mp4", "--dir", "here", "--tracker", url];
  const where = ["--host", "127.0.0.1", "--port", "0"];
  await using first = new Vtorrent([...args, ...where], { cwd });
  await first.event("piece-verified");
  const second = await vtorrent([...args, ...where], { cwd });
  assertEquals(second.code, 1);
  assertMatch(
    second.stderr,
    /error: It is being downloaded into \S+\/here by process \d+ already: wait until that is over, or name another folder with --dir\n$/,
  );
  // A peer waits until it is told to go on.
  await using peer = Vtorrent.peer("2", { ...options, args: ["--dir", "here"] });
  await peer.type("download film.mp4");
  const { reason, remedy } = await peer.event("torrent-state", ({ state }) => state === "error");
  assertMatch(String(reason), /^It is being downloaded into \S+\/here by process \d+ already$/);
  assertEquals(remedy, { kind: "in-use" });
  await seed.type("limit up 0");
  assertEquals((await first.ended()).code, 0);
  await peer.type("resume film.mp4");
  await peer.event("torrent-state", ({ state }) => state === "seeding");
  const left = await Array.fromAsync(Deno.readDir(folder.at("here")));
  assertEquals(left.map(({ name }) => name).sort(), [".vtorrent", "film.mp4"]);
});
