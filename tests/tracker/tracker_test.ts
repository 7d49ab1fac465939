import { createHash } from "node:crypto";
import { formatAnnounceQuery, parseAnnounceReply } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { formatScrapeQuery, parseScrapeReply } from "../../protocol/scrape.ts";
import {
  startTracker,
  type Tracker,
  type TrackerEvent,
  TrackerStartError,
} from "../../tracker/mod.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";

const start = (options = {}) => startTracker({ host: "127.0.0.1", port: 0, ...options });
const base = (tracker: Tracker) => `http://127.0.0.1:${tracker.port}`;

async function get(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  return new Uint8Array(await response.arrayBuffer());
}

function query(port: number, facts: { left?: number; compact?: boolean } = {}): string {
  const infoHash = new Uint8Array(20).map((_, i) => i * 13);
  return formatAnnounceQuery(announceRequest(port, { infoHash, name: `peer ${port}`, ...facts }));
}

function torrent(name: string): { bytes: Uint8Array<ArrayBuffer>; infoHash: string } {
  const { bytes, infoBytes } = tinyTorrent(name);
  return {
    bytes: Uint8Array.from(bytes),
    infoHash: createHash("sha1").update(infoBytes).digest("hex"),
  };
}

Deno.test("announce and scrape over HTTP, compact and not", async () => {
  await using tracker = await start();
  const first = parseAnnounceReply(await get(`${base(tracker)}/announce?${query(1001)}`));
  assertEquals([first.peers, first.leechers, first.externalIp], [[], 1, "127.0.0.1"]);
  const peers = [{ host: "127.0.0.1", port: 1001 }];
  for (const compact of [true, false]) {
    const text = query(1002, { compact, left: 0 });
    const reply = parseAnnounceReply(await get(`${base(tracker)}/announce?${text}`));
    assertEquals([reply.peers, reply.seeders, reply.leechers], [peers, 1, 1]);
  }
  const infoHash = new Uint8Array(20).map((_, i) => i * 13);
  const [counts] = parseScrapeReply(
    await get(`${base(tracker)}/scrape?${formatScrapeQuery([infoHash])}`),
  );
  assertEquals([counts!.seeders, counts!.leechers], [1, 1]);
  const [swarm] = (await tracker.snapshot()).swarms;
  assertEquals(swarm!.peers.map(({ name, status }) => [name, status]).sort(), [
    ["peer 1001", "leecher"],
    ["peer 1002", "seeder"],
  ]);
});

Deno.test("wrong requests get a reason, and the tracker goes on", async () => {
  await using tracker = await start();
  const events: TrackerEvent[] = [];
  using _events = tracker.subscribe((event) => events.push(event));
  for (
    const wrong of ["/announce", "/announce?info_hash=short", "/scrape", "/announce?info_hash=%zz"]
  ) {
    const reply = await get(base(tracker) + wrong);
    const error = assertThrows(() => parseAnnounceReply(reply), TrackerError);
    assert(error.message.length > 10, wrong);
  }
  assertEquals((await tracker.stats()).errors.refused, 4);
  // Two of the reasons are the same: within a second such a one is told once, and counted.
  assertEquals(
    events.filter((one) => one.event === "failure" && one.count === undefined).length,
    3,
  );
  const tooLong = await fetch(`${base(tracker)}/announce?${"x".repeat(5000)}`);
  assertEquals(tooLong.status, 414);
  await tooLong.body?.cancel();
  const unknown = await fetch(`${base(tracker)}/nothing`);
  assertEquals(unknown.status, 404);
  await unknown.body?.cancel();
  parseAnnounceReply(await get(`${base(tracker)}/announce?${query(1)}`));
});

Deno.test("the catalogue keeps torrents by their hash, and two of one name side by side", async () => {
  await using tracker = await start();
  const api = `${base(tracker)}/api/torrents`;
  const a = torrent("lecture.pdf");
  const other = tinyTorrent("lecture.pdf", { hash: 1 });
  const post = async (body: Uint8Array) => {
    const response = await fetch(api, {
      method: "POST",
      body: Uint8Array.from(body),
      headers: { "x-peer-name": "1" },
    });
    return { status: response.status, ...await response.json() };
  };
  assertEquals(await post(a.bytes), {
    status: 201,
    "info_hash": a.infoHash,
    name: "lecture.pdf",
    created: true,
  });
  assertEquals((await post(a.bytes)).created, false);
  assertEquals((await post(other.bytes)).status, 201);
  const listed = await (await fetch(`${api}?search=LECT`)).json();
  assertEquals(listed.total, 2);
  assertEquals(listed.torrents[0].published_by, "1");
  assertEquals((await (await fetch(`${api}?search=nothing`)).json()).torrents, []);
  assertEquals((await (await fetch(`${api}?offset=1&limit=1`)).json()).torrents.length, 1);
  assertEquals(await get(`${api}/${a.infoHash}.torrent`), a.bytes);
  const missing = await fetch(`${api}/${"0".repeat(40)}.torrent`);
  assertEquals([missing.status, (await missing.json()).error], [
    404,
    "no such torrent in this catalogue",
  ]);
  const garbage = await post(new TextEncoder().encode("garbage"));
  assertEquals(garbage.status, 400);
  assert(garbage.error.startsWith("not a usable .torrent: "), garbage.error);
  assertEquals((await post(new Uint8Array((4 << 20) + 1))).status, 413);
  assert(tracker.catalogue.remove(a.infoHash));
  assertEquals(tracker.catalogue.list().length, 1);
});

Deno.test("a listener without regular announces gets all other events", async () => {
  await using tracker = await start();
  const [all, some]: [string[], string[]] = [[], []];
  const note = (into: string[]) => (event: TrackerEvent) => {
    if (event.event === "announce") into.push(event.kind);
  };
  using _all = tracker.subscribe(note(all));
  using _some = tracker.subscribe(note(some), { regular: false });
  const started = query(1001);
  await get(`${base(tracker)}/announce?${started}`);
  await get(`${base(tracker)}/announce?${started.replace("event=started", "event=")}`);
  assertEquals([all, some], [["started", "regular"], ["started"]]);
});

Deno.test("a taken port is said in a sentence that names it and the way out", async () => {
  await using tracker = await start();
  const error = await assertRejects(
    async () => void await startTracker({ host: "127.0.0.1", port: tracker.port }),
    TrackerStartError,
  );
  assertEquals(
    error.message,
    `Port ${tracker.port} is in use: stop the other program or choose another port with --port`,
  );
});
