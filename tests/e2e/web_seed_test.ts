/**
 * Web seeds as people use them: put into a .torrent, downloaded from, turned off.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { vtorrent } from "../support/vtorrent.ts";
import { WebServer } from "../support/web_server.ts";

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

Deno.test("a .torrent with a web seed downloads from a plain web server alone", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const bytes = patternBytes(3_000_000);
  await folder.write("film.mp4", bytes);
  await using server = new WebServer({ "/files/film.mp4": bytes });
  const url = `${server.url}/files/`;
  const create = await vtorrent(["create", "film.mp4", "--web-seed", url, "--json"], { cwd });
  assertEquals(create.code, 0, create.stderr);
  assertMatch(JSON.parse(create.stdout).magnet, /&ws=http/);
  const show = await vtorrent(["show", "--json", "film.mp4.torrent"], { cwd });
  assertEquals(JSON.parse(show.stdout).web_seeds, [url]);

  const download = ["download", "film.mp4.torrent", ...ON_LOOPBACK];
  const without = ["--dir", "a", "--no-web-seeds", "--timeout", "1"];
  assertEquals((await vtorrent([...download, ...without], { cwd })).code, 2);
  assertEquals(server.hits, []);
  const done = await vtorrent([...download, "--dir", "b", "--timeout", "60"], { cwd });
  assertEquals(done.code, 0, done.stderr);
  assertEquals(await digestOf(folder.at("b/film.mp4")), await digestOf(folder.at("film.mp4")));
});

Deno.test("a web seed that is no web address is refused", async () => {
  await using folder = await TempFolder.make();
  await folder.write("film.mp4", patternBytes(100));
  const { code, stderr } = await vtorrent(["create", "film.mp4", "--web-seed", "nas/film.mp4"], {
    cwd: folder.path,
  });
  assertEquals(code, 28);
  assertMatch(stderr, /Cannot use web seed "nas\/film\.mp4": write it like http/);
});
