import fc from "fast-check";
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { UNSAID } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import {
  encodeConnectReply,
  encodeConnectRequest,
  encodeUdpAnnounce,
  encodeUdpAnnounceReply,
  encodeUdpError,
  encodeUdpScrape,
  encodeUdpScrapeReply,
  parseUdpReply,
  parseUdpRequest,
  UDP_SCRAPE_LIMIT,
} from "../../protocol/udp_tracker_packet.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const announce: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  port: 6881,
  uploaded: 2 ** 40 + 3,
  downloaded: 7,
  left: Number.MAX_SAFE_INTEGER,
  event: "started",
  numwant: -1,
  key: 0xdeadbeef,
  compact: true,
  noPeerId: true,
};

Deno.test("BEP 15: connect is 16 bytes each way, with the protocol's number", () => {
  const asked = encodeConnectRequest(-2);
  assertEquals(asked.toHex(), "000004172710198000000000fffffffe");
  assertEquals(parseUdpRequest(asked), {
    connectionId: 0x41727101980n,
    transactionId: -2,
    action: "connect",
  });
  const answered = encodeConnectReply(-2, 0xfedcba9876543210n);
  assertEquals(answered.toHex(), "00000000fffffffefedcba9876543210");
  assertEquals(parseUdpReply(answered, 4), {
    transactionId: -2,
    action: "connect",
    connectionId: 0xfedcba9876543210n,
  });
});

Deno.test("an announce has 98 bytes and says everything", () => {
  for (const event of ["none", "completed", "started", "stopped", "paused"] as const) {
    const packet = encodeUdpAnnounce(9n, 5, { ...announce, event, ip: "10.0.0.1" });
    assertEquals(packet.length, 98);
    assertEquals(parseUdpRequest(packet), {
      connectionId: 9n,
      transactionId: 5,
      action: "announce",
      request: { ...announce, event, ip: "10.0.0.1" },
      urlData: "",
    });
  }
});

Deno.test("BEP 41: URL data follows as option 2, in parts of 255 bytes", () => {
  const path = "/dir?a=b&c=d";
  const packet = encodeUdpAnnounce(9n, 5, announce, path);
  assertEquals(packet.subarray(98).toHex(), "020c" + new TextEncoder().encode(path).toHex());
  const long = "/x?" + "y".repeat(600);
  const parsed = parseUdpRequest(encodeUdpAnnounce(9n, 5, announce, long));
  assert(parsed?.action === "announce");
  assertEquals(parsed.urlData, long);
});

Deno.test("BEP 41: no-operations are skipped, the end ends, what is cut off is dropped", () => {
  const table: [options: number[], urlData: string][] = [
    [[2, 0], ""],
    [[1, 1, 2, 1, 0x2f, 1], "/"],
    [[0, 2, 1, 0x2f], ""],
    [[2, 1, 0x2f, 2, 9, 0x2f], "/"],
    [[77, 1, 0, 2, 1, 0x2f], "/"],
    [[2], ""],
  ];
  const plain = encodeUdpAnnounce(9n, 5, announce);
  for (const [options, urlData] of table) {
    const parsed = parseUdpRequest(Uint8Array.from([...plain, ...options]));
    assert(parsed?.action === "announce");
    assertEquals(parsed.urlData, urlData, String(options));
  }
});

Deno.test("replies are read as they were written, peers in the asker's family", () => {
  const four = Uint8Array.from([127, 0, 0, 1, 0, 80]);
  const reply = { interval: 10, seeders: 1, leechers: 2 };
  const packet = encodeUdpAnnounceReply(5, { ...reply, peers: four });
  assertEquals(packet.length, 26);
  assertEquals(parseUdpReply(packet, 4), {
    transactionId: 5,
    action: "announce",
    reply: { ...reply, peers: [{ host: "127.0.0.1", port: 80 }] },
  });
  const six = new Uint8Array(18);
  six.set([1, 0, 80], 15);
  const parsed = parseUdpReply(encodeUdpAnnounceReply(5, { ...reply, peers: six }), 6);
  assert(parsed.action === "announce");
  assertEquals(parsed.reply.peers, [{ host: "::1", port: 80 }]);
  assertEquals(parseUdpReply(encodeUdpError(5, "no"), 4), {
    transactionId: 5,
    action: "error",
    message: "no",
  });
});

Deno.test("a scrape of 70 torrents fits a packet each way; of none or 71 it is an error", () => {
  const hashes = Array.from({ length: UDP_SCRAPE_LIMIT }, (_, i) => new Uint8Array(20).fill(i));
  const packet = encodeUdpScrape(9n, 5, hashes);
  const parsed = parseUdpRequest(packet);
  assert(parsed?.action === "scrape");
  assertEquals(parsed.infoHashes, hashes);
  assert(packet.length <= 1472);
  const entries = hashes.map((_, i) => ({ seeders: i, completed: 2 * i, leechers: 3 * i }));
  assertEquals(parseUdpReply(encodeUdpScrapeReply(5, entries), 4), {
    transactionId: 5,
    action: "scrape",
    entries,
  });
  for (const wrong of [[], [...hashes, hashes[0]!]]) {
    assertEquals(parseUdpRequest(encodeUdpScrape(9n, 5, wrong))?.action, "invalid");
  }
});

Deno.test("a packet too short for a header, or a connect without the number, gets no answer", () => {
  assertEquals(parseUdpRequest(encodeConnectRequest(1).subarray(0, 15)), undefined);
  assertEquals(parseUdpRequest(new Uint8Array(16)), undefined);
  const short = encodeUdpAnnounce(9n, 5, announce).subarray(0, 97);
  assertEquals(parseUdpRequest(short)?.action, "invalid");
});

Deno.test("a reply that is cut off or of an unknown kind is none, and says so", () => {
  const cut = [encodeConnectReply(5, 9n).subarray(0, 15), new Uint8Array(7)];
  for (const packet of cut) {
    assertThrows(() => parseUdpReply(packet, 4), TrackerError, `only ${packet.length} bytes`);
  }
  const unknown = Uint8Array.from([0, 0, 0, 9, 0, 0, 0, 5]);
  assertThrows(() => parseUdpReply(unknown, 4), TrackerError, "unknown kind 9");
});

Deno.test("no packet, whatever is in it, does more than be refused", () => {
  const start = fc.constantFrom(
    new Uint8Array(),
    encodeConnectRequest(1),
    encodeUdpAnnounce(9n, 5, announce, "/a?b"),
    encodeUdpScrape(9n, 5, [announce.infoHash]),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 40 }), fc.nat(120), (bytes, noise, at) => {
      const packet = Uint8Array.from([
        ...bytes.subarray(0, at),
        ...noise,
        ...bytes.subarray(at + 1),
      ]);
      parseUdpRequest(packet);
      try {
        parseUdpReply(packet, 4);
      } catch (error) {
        assert(error instanceof TrackerError, String(error));
      }
    }),
    { seed: 17, numRuns: 3000 },
  );
});

Deno.test("an error without text says so, a long one is cut", () => {
  const messageOf = (text: string) => {
    const reply = parseUdpReply(encodeUdpError(5, text), 4);
    return reply.action === "error" ? reply.message : undefined;
  };
  for (const blank of ["", "\0", " \n"]) assertEquals(messageOf(blank), UNSAID);
  assertEquals(messageOf("no\0"), "no");
  assertEquals(messageOf("x".repeat(60_000))?.length, 300);
});
