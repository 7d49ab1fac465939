import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { TrackerError } from "../../../protocol/errors.ts";
import {
  encodeConnectReply,
  encodeUdpAnnounceReply,
  encodeUdpError,
  encodeUdpScrapeReply,
  type UdpRequest,
} from "../../../protocol/udp_packet.ts";
import { TrackerClient } from "../../../peer/io/tracker_client.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { udpTracker } from "../../support/udp.ts";

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xe9),
  peerId: new TextEncoder().encode("-VT0100-abcdefghijkl"),
  port: 6881,
  uploaded: 2 ** 40,
  downloaded: 2,
  left: 3,
  event: "started",
  numwant: 50,
  key: 7,
  compact: true,
  noPeerId: true,
  name: "Übung",
};

const signal = () => AbortSignal.timeout(5000);

for (const host of ["127.0.0.1", "::1"]) {
  Deno.test(`an announce over UDP from ${host} brings peers of its family and counts`, async () => {
    let seen: UdpRequest | undefined;
    const peers = host === "::1"
      ? Uint8Array.of(...new Uint8Array(15), 1, 0x1a, 0xe1)
      : Uint8Array.of(127, 0, 0, 1, 0x1a, 0xe1);
    await using server = await udpTracker((request) => {
      const { transactionId } = request;
      if (request.action === "connect") return [encodeConnectReply(transactionId, 99n)];
      seen = request;
      return [
        Uint8Array.of(1, 2, 3),
        encodeUdpAnnounceReply(transactionId + 1, { interval: 1, seeders: 0, leechers: 0, peers }),
        encodeUdpAnnounceReply(transactionId, { interval: 60, seeders: 4, leechers: 2, peers }),
      ];
    }, host);
    const reply = await new TrackerClient().announce(server.url, REQUEST, signal());
    assertEquals(reply, { interval: 60, seeders: 4, leechers: 2, peers: [{ host, port: 6881 }] });
    assert(seen?.action === "announce");
    assertEquals(seen.connectionId, 99n);
    assertEquals(seen.urlData, "/announce?a=b&vt_name=%C3%9Cbung");
    assertEquals(seen.request.uploaded, 2 ** 40);
    assertEquals(seen.request.event, "started");
  });
}

Deno.test("a lost packet is sent again", async () => {
  let packets = 0;
  await using server = await udpTracker((request) => {
    packets++;
    const { transactionId } = request;
    if (packets === 1) return [];
    if (request.action === "connect") return [encodeConnectReply(transactionId, 1n)];
    const peers = new Uint8Array();
    return [encodeUdpAnnounceReply(transactionId, { interval: 9, seeders: 0, leechers: 0, peers })];
  });
  const reply = await new TrackerClient().announce(server.url, REQUEST, signal());
  assertEquals([reply.interval, packets], [9, 3]);
});

Deno.test("an error packet is passed on in the tracker's words", async () => {
  await using server = await udpTracker((request) => [
    request.action === "connect"
      ? encodeConnectReply(request.transactionId, 1n)
      : encodeUdpError(request.transactionId, "not today"),
  ]);
  await assertRejects(
    () => new TrackerClient().announce(server.url, REQUEST, signal()),
    TrackerError,
    `Tracker ${server.url}: not today`,
  );
});

Deno.test("a scrape of more torrents than fit one packet asks several times", async () => {
  const asked: number[] = [];
  await using server = await udpTracker((request) => {
    if (request.action === "connect") return [encodeConnectReply(request.transactionId, 1n)];
    if (request.action !== "scrape") return [];
    asked.push(request.infoHashes.length);
    const counts = { seeders: 1, completed: 2, leechers: 3 };
    return [encodeUdpScrapeReply(request.transactionId, request.infoHashes.map(() => counts))];
  });
  const hashes = Array.from({ length: 80 }, (_, i) => new Uint8Array(20).fill(i));
  const entries = await new TrackerClient().scrape(server.url, hashes, signal());
  assertEquals(asked, [70, 10]);
  assertEquals(entries[75], { infoHash: hashes[75]!, seeders: 1, completed: 2, leechers: 3 });
  assertEquals(entries.length, 80);
});

Deno.test("a tracker that says nothing is given up, in time or when told", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await udpTracker(() => {
    asked.resolve();
    return [];
  });
  const client = new TrackerClient();
  await assertRejects(
    () => client.announce(server.url, REQUEST, AbortSignal.timeout(50)),
    TrackerError,
    `Cannot reach tracker ${server.url}: no answer in time`,
  );
  const abort = new AbortController();
  const pending = client.announce(server.url, REQUEST, abort.signal);
  await asked.promise;
  abort.abort();
  await assertRejects(() => pending, TrackerError, "stopped");
});

for (const isTyped of [false, true]) {
  Deno.test(`the addresses of a UDP tracker's name are tried, ${isTyped ? "typed" : "named"}`, async () => {
    await using server = await udpTracker((request) => {
      const { transactionId } = request;
      if (request.action === "connect") return [encodeConnectReply(transactionId, 1n)];
      const some = { seeders: 0, leechers: 0, peers: new Uint8Array() };
      return [encodeUdpAnnounceReply(transactionId, { interval: 77, ...some })];
    });
    const { port } = new URL(server.url.replace("udp:", "http:"));
    // One is silent, two refuse.
    let calls = 0;
    await using _silent = await udpTracker(() => (calls++, []), "127.0.0.3", Number(port));
    const resolve = () => Promise.resolve(["127.0.0.3", "::1", "127.0.0.2", "127.0.0.1"]);
    const client = new TrackerClient(undefined, { resolve, isTyped: () => isTyped });
    const url = `udp://several.invalid:${port}/announce`;
    assertEquals((await client.announce(url, REQUEST, signal())).interval, 77);
    assertEquals(calls, 1);
  });
}

Deno.test("where no address of a UDP tracker's name answers, nobody is waited for longer than said", async () => {
  let calls = 0;
  await using one = await udpTracker(() => (calls++, []));
  const { port } = new URL(one.url.replace("udp:", "http:"));
  await using _other = await udpTracker(() => (calls++, []), "127.0.0.2", Number(port));
  const resolve = () => Promise.resolve(["127.0.0.1", "127.0.0.2"]);
  const client = new TrackerClient(undefined, { resolve });
  const url = `udp://several.invalid:${port}/announce`;
  const late = AbortSignal.timeout(1000);
  await assertRejects(() => client.announce(url, REQUEST, late), TrackerError, "no answer in time");
  assertEquals(calls, 2);
});
