/**
 * 200,000 damaged requests at a tracker that serves others meanwhile: HTTP and UDP, the same ones
 * each time.
 *
 * @module
 */
import { TrackerClient } from "../../peer/trackers/tracker_client.ts";
import { type AnnounceRequest, formatAnnounceQuery } from "../../protocol/announce.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import {
  encodeConnectRequest,
  encodeUdpAnnounce,
  encodeUdpScrape,
  parseUdpReply,
} from "../../protocol/udp_tracker_packet.ts";
import { startTracker, type Tracker } from "../../tracker/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { memoryAtRest } from "../support/memory.ts";
import { mutate } from "../support/mutate.ts";
import { seededRandom } from "../support/random.ts";

const HTTP_REQUESTS = 100_000;
const UDP_PACKETS = 100_000;
/** Requests to a connection; the first that ends it leaves the others unread, and uncounted. */
const TOGETHER = 3;
const CONNECTIONS = 16;
/** Packets between two looks at whether a good client is served. */
const BURST = 50;

const request = (port: number, facts: Partial<AnnounceRequest> = {}): AnnounceRequest => ({
  infoHash: new Uint8Array(20).fill(port),
  peerId: new TextEncoder().encode(`-VB0001-${String(port).padStart(12, "0")}`),
  port,
  uploaded: 2 ** 40,
  downloaded: 0,
  left: 7,
  event: "none",
  numwant: 50,
  key: 0xabad1dea,
  compact: true,
  noPeerId: true,
  ...facts,
});

const head = "Host: 127.0.0.1:8000\r\nUser-Agent: seed/1\r\n";
const SEEDS: readonly Uint8Array[] = [
  `GET /announce?${formatAnnounceQuery(request(1, { name: "Übung" }))} HTTP/1.1\r\n${head}\r\n`,
  `GET /announce?${
    formatAnnounceQuery(request(2, { event: "stopped", compact: false }))
  } HTTP/1.1\r\n${head}Connection: keep-alive\r\nAccept-Encoding: gzip\r\n\r\n`,
  `GET /scrape?info_hash=${"%02".repeat(20)}&info_hash=${"a".repeat(20)} HTTP/1.1\r\n${head}\r\n`,
  `POST /api/torrents HTTP/1.1\r\n${head}Content-Length: 9\r\nX-Peer-Name: 1\r\n\r\nd4:infod2e`,
  `POST /api/torrents HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n4\r\nd4:i\r\n0\r\n\r\n`,
  `GET /api/torrents?search=a&offset=0&limit=5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`,
  `HEAD /stats HTTP/1.1\r\n${head}X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n\r\n`,
].map((text) => new TextEncoder().encode(text));

/** Damages what lies behind the question mark, if anything; the head stays one. */
function mutateQuery(bytes: Uint8Array, random: () => number): Uint8Array {
  const start = bytes.indexOf(0x3f) + 1;
  if (start === 0) return mutate(bytes, random);
  const end = bytes.indexOf(0x20, start);
  const query = mutate(bytes.subarray(start, end), random)
    .map((byte) => byte <= 0x20 || byte === 0x7f ? 0x25 : byte);
  return concatBytes([bytes.subarray(0, start), query, bytes.subarray(end)]);
}

/** Asserts that somebody who behaves is served, over both protocols. */
async function assertServed(tracker: Tracker, client: TrackerClient): Promise<void> {
  for (const url of [tracker.urls[0]!, tracker.urls.find((url) => url.startsWith("udp:"))!]) {
    const reply = await client.announce(url, request(60_000), AbortSignal.timeout(10_000));
    assert(reply.leechers! >= 1);
  }
}

/** Sends requests one behind the other and reads to the end; how many were answered. */
async function throwAt(port: number, requests: readonly Uint8Array[]): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = concatBytes(requests);
  let text = "";
  try {
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    await conn.closeWrite();
    const buffer = new Uint8Array(16_384);
    for (let count; (count = await conn.read(buffer)) !== null;) {
      text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
  } catch (error) {
    // It may be closed while we are still talking.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
  return text.split("HTTP/1.1 ").length - 1;
}

Deno.test(`${HTTP_REQUESTS} damaged HTTP requests: no crash, no hang, no growth`, async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const client = new TrackerClient();
  const random = seededRandom(8000);
  const faults: string[] = [];
  using _events = tracker.subscribe((event) => {
    if (event.event === "failure" && event.reason.startsWith("internal")) faults.push(event.reason);
  });
  let left = HTTP_REQUESTS;
  let answered = 0;
  const work = async (until: number): Promise<void> => {
    for (let batch = 0; left > until; batch++) {
      const requests = Array.from({ length: TOGETHER }, (_, i) => {
        const seed = SEEDS[Math.floor(random() * SEEDS.length)]!;
        return i < TOGETHER - 1 ? mutateQuery(seed, random) : mutate(seed, random);
      });
      const count = await throwAt(tracker.port, requests); // others count meanwhile
      answered += count;
      left -= Math.max(1, count);
      if (batch % 200 === 0) await assertServed(tracker, client);
    }
  };
  const workUntil = (until: number) =>
    Promise.all(Array.from({ length: CONNECTIONS }, () => work(until)));
  // What is made while it warms up stays.
  await workUntil(HTTP_REQUESTS / 2);
  const memory = await memoryAtRest();
  await workUntil(0);
  await assertServed(tracker, client);
  assertEquals(faults, []);
  assert(answered > HTTP_REQUESTS / 2, `${answered} answers`);
  const growth = await memoryAtRest() - memory;
  assert(growth < 16 << 20, `grew by ${growth >> 20} MiB`);
});

Deno.test(`${UDP_PACKETS} damaged UDP packets: no crash, no hang, no growth`, async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const client = new TrackerClient();
  const random = seededRandom(15);
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: tracker.port };
  await socket.send(encodeConnectRequest(1), to);
  const connected = parseUdpReply((await socket.receive())[0], 4);
  assert(connected.action === "connect");
  let replies = 0;
  const reading = (async () => {
    try {
      for (;; replies++) parseUdpReply((await socket.receive())[0], 4); // each is a good packet
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
        throw error;
      }
    }
  })();
  const ids = [connected.connectionId, connected.connectionId, 0n];
  let memory = 0;
  for (let sent = 0; sent < UDP_PACKETS; sent++) {
    const id = ids[sent % ids.length]!;
    const seeds = [
      () => encodeUdpAnnounce(id, sent, request(1), "/announce?vt_name=a%20b"),
      () => encodeUdpAnnounce(id, sent, request(2, { event: "stopped" })),
      () => encodeUdpScrape(id, sent, [request(1).infoHash, request(2).infoHash]),
      () => encodeConnectRequest(sent),
    ];
    const packet = mutate(seeds[Math.floor(random() * seeds.length)]!(), random);
    await socket.send(packet, to);
    if (sent % BURST === 0) {
      await client.announce(
        tracker.urls.find((url) => url.startsWith("udp:"))!,
        request(60_000),
        AbortSignal.timeout(10_000),
      );
    }
    if (sent === UDP_PACKETS / 2) memory = await memoryAtRest();
  }
  await assertServed(tracker, client);
  socket.close();
  await reading;
  assert(replies > UDP_PACKETS / 4, `${replies} replies`);
  const growth = await memoryAtRest() - memory;
  assert(growth < 16 << 20, `grew by ${growth >> 20} MiB`);
  assertEquals((await tracker.stats()).errors.internal, 0);
});
