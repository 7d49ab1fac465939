import { TrackerClient } from "../../../peer/trackers/tracker_client.ts";
import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { startTracker } from "../../../tracker/mod.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";

function announce(port: number, infoHash: Uint8Array): AnnounceRequest {
  return {
    infoHash,
    peerId: new TextEncoder().encode(`-VT0100-${String(port).padStart(12, "0")}`),
    port,
    uploaded: 0,
    downloaded: 0,
    left: port % 2,
    event: "started",
    numwant: 0,
    key: 1,
    compact: true,
    noPeerId: true,
  };
}

Deno.test("/stats and /metrics tell what the tracker did, the largest swarm first", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const [http, udp] = tracker.urls as [string, string];
  const [small, large] = [1, 2].map((byte) => new Uint8Array(20).fill(byte)) as [
    Uint8Array,
    Uint8Array,
  ];
  const client = new TrackerClient();
  const signal = AbortSignal.timeout(5000);
  await client.announce(http, announce(1, small), signal);
  for (const port of [2, 3, 5]) await client.announce(udp, announce(port, large), signal);
  await client.scrape(udp, [small], signal);
  await (await fetch(http)).body?.cancel(); // an announce of nothing

  const base = `http://127.0.0.1:${tracker.port}`;
  const response = await fetch(`${base}/stats`);
  assertEquals(response.headers.get("content-type"), "application/json");
  const { started_at, announces_per_second, ...stats } = await response.json();
  assertEquals([typeof started_at, typeof announces_per_second], ["number", "number"]);
  assertEquals(stats, {
    urls: [http, udp],
    announces: 4,
    scrapes: 1,
    errors: { refused: 1, internal: 0 },
    "swarm_count": 2,
    seeders: 1,
    leechers: 3,
    swarms: [
      { "info_hash": large.toHex(), name: null, seeders: 1, leechers: 2, completed: 0 },
      { "info_hash": small.toHex(), name: null, seeders: 0, leechers: 1, completed: 0 },
    ],
  });

  const metrics = await fetch(`${base}/metrics`);
  assertMatch(metrics.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const text = await metrics.text();
  for (
    const line of [
      "vtorrent_announces_total 4",
      "vtorrent_swarms 2",
      'vtorrent_errors_total{kind="refused"} 1',
      'vtorrent_request_seconds_count{protocol="http"} 2',
      'vtorrent_request_seconds_count{protocol="udp"} 4',
    ]
  ) {
    assertStringIncludes(text, `\n${line}\n`);
  }
});
