/**
 * Connections that say nothing, or nearly nothing, beside a class that announces.
 *
 * @module
 */
import { formatAnnounceQuery, parseAnnounceReply } from "../../protocol/announce.ts";
import { startTracker, type Tracker } from "../../tracker/mod.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assert, assertEquals } from "../support/assert.ts";

async function announce(tracker: Tracker, port: number): Promise<number> {
  const query = formatAnnounceQuery(announceRequest(port));
  const response = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}`);
  return parseAnnounceReply(await response.bytes()).leechers ?? 0;
}

/** What 200 connections say. */
const BEGINNINGS = [
  "",
  "G",
  "GET /announce?info_hash=",
  "POST /api/torrents HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\nd",
];

Deno.test("200 connections that end nothing they begin delay no announce of 40 peers", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const silent = await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: tracker.port });
    await conn.write(new TextEncoder().encode(BEGINNINGS[i % BEGINNINGS.length]!));
    return conn;
  }));
  const counts = await Promise.all(
    Array.from({ length: 40 }, (_, i) => announce(tracker, i + 1)),
  );
  assertEquals(Math.max(...counts), 40);
  assert(counts.every((count) => count > 0));
  for (const conn of silent) conn.close();
});
