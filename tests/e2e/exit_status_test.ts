/**
 * What scripts go by: the exit status of each outcome, and that a stopped download goes on.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

Deno.test("create, show and verify: done, file exists, does not verify", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("film.mp4", patternBytes(100_000));
  const create = ["create", "film.mp4", "--piece-length", "16k"];
  assertEquals((await vtorrent(create, { cwd })).code, 0);
  const again = await vtorrent(create, { cwd });
  assertEquals(again.code, 13);
  assertMatch(again.stderr, /film\.mp4\.torrent exists.*--force/);

  const show = await vtorrent(["show", "--json", "film.mp4.torrent"], { cwd });
  assertEquals(show.code, 0);
  const facts = JSON.parse(show.stdout);
  assertEquals([facts.name, facts.total_size, facts.piece_count], ["film.mp4", 100_000, 7]);
  assertEquals(facts.files, [{ path: "film.mp4", length: 100_000 }]);

  const verify = ["verify", "film.mp4.torrent", "--json"];
  assertEquals((await vtorrent(verify, { cwd })).code, 0);
  const damaged = await folder.read("film.mp4");
  damaged[50_000]! ^= 1;
  await folder.write("film.mp4", damaged);
  const bad = await vtorrent(verify, { cwd });
  assertEquals(bad.code, 32);
  const found = JSON.parse(bad.stdout.split("\n").at(-2)!);
  assertEquals([found.pieces_good, found.pieces_total, found.complete], [6, 7, false]);
});

Deno.test("a signal stops a download with 7 after saving; it goes on where it was", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const source = await folder.write("film.mp4", patternBytes(4_000_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const create = ["create", source, "--tracker", url, "--piece-length", "64k"];
  assertEquals((await vtorrent(create, { cwd })).code, 0);
  await using seed = new Vtorrent(["seed", "film.mp4.torrent", ...ON_LOOPBACK], { cwd });
  await seed.event("seeding");

  const download = ["download", "film.mp4.torrent", "--dir", "to", ...ON_LOOPBACK];
  await using slow = new Vtorrent([...download, "--download-limit", "500k"], { cwd });
  await slow.eventCount("piece-verified", 8);
  slow.kill("SIGTERM");
  assertEquals((await slow.ended(5000)).code, 7);
  const saved = slow.count("piece-verified");

  await using rest = new Vtorrent(download, { cwd });
  assertEquals((await rest.ended()).code, 0);
  assertEquals(saved + rest.count("piece-verified"), Math.ceil(4_000_000 / 2 ** 16));
  assertEquals(await digestOf(folder.at("to/film.mp4")), await digestOf(source));
  seed.kill("SIGINT");
  assertEquals((await seed.ended(5000)).code, 0);
  tracker.kill("SIGTERM");
  assertEquals((await tracker.ended(5000)).code, 0);
});
