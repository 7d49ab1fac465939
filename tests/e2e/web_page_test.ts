/**
 * The pages of the built program: `--web-port`, a tracker's root, and reports for its board.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

/** An answer with status 200. */
async function get(url: URL | string): Promise<Response> {
  const response = await fetch(url);
  assertEquals(response.status, 200, String(url));
  return response;
}

Deno.test("the built program has its pages in it, and peers of this machine are on the board", async () => {
  await using folder = await TempFolder.make();
  await folder.write("peer_files/peer_1/lecture.pdf", patternBytes(300_000));
  const { tracker: _tracker, url } = await Vtorrent.tracker({ cwd: folder.path });
  await using tracker = _tracker;
  const root = new URL("/", url);
  const options = { cwd: folder.path, tracker: url };
  await using seed = Vtorrent.peer("1", { ...options, args: ["--web-port", "0"] });
  const page = await seed.event("page");
  assertMatch(String(page["url"]), /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{24}$/);
  await seed.type("send lecture.pdf");
  const { info_hash: infoHash } = await seed.event("sent");
  await using shy = Vtorrent.peer("2", { ...options, args: ["--no-report"] });
  await shy.type("download lecture.pdf");
  await shy.event("downloaded");
  const own = new URL(String(page["url"]));

  for (const base of [root, own]) {
    const html = await (await get(base)).text();
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    assert(assets.length > 8);
    for (const path of assets) {
      const response = await get(new URL(path, base));
      const text = await response.text();
      if (!path.endsWith(".ts")) continue;
      assertStringIncludes(response.headers.get("content-type")!, "text/javascript");
      assert(!/\binterface\b.*\{$/m.test(text), `${path} still has types`);
    }
  }
  const { torrents } = await (await get(new URL("/api/v1/torrents", own))).json();
  assertEquals(torrents[0].info_hash, infoHash);

  let seats: { name: string }[] = [];
  while (seats.length === 0) {
    const board = await get(new URL(`/api/v1/swarms/${infoHash}/board`, root));
    ({ seats } = await board.json());
  }
  assertEquals(seats.map(({ name }) => name), ["1"]);
  await shy.type("exit");
  assertEquals((await shy.ended()).code, 0);

  // Nobody has to wait for open pages when it leaves.
  const stream = await get(new URL("/api/v1/events", own));
  await seed.type("exit");
  assertEquals((await seed.ended()).code, 0);
  await stream.text();
  const watching = await get(new URL("/api/v1/events", root));
  tracker.kill("SIGTERM");
  assertEquals((await tracker.ended()).code, 0);
  await watching.text();
});
