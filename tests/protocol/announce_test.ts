import fc from "fast-check";
import {
  type AnnounceRequest,
  formatAnnounceQuery,
  parseAnnounceQuery,
  parseAnnounceReply,
} from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const id = "aaaaaaaaaaaaaaaaaaaa";
const least = `info_hash=${id}&peer_id=${id}&port=6881`;

const request: fc.Arbitrary<AnnounceRequest> = fc.record({
  infoHash: fc.uint8Array({ minLength: 20, maxLength: 20 }),
  peerId: fc.uint8Array({ minLength: 20, maxLength: 20 }),
  port: fc.integer({ min: 0, max: 65535 }),
  uploaded: fc.maxSafeNat(),
  downloaded: fc.maxSafeNat(),
  left: fc.maxSafeNat(),
  event: fc.constantFrom("started", "completed", "stopped", "paused", "none"),
  numwant: fc.integer({ min: -1, max: 1000 }),
  key: fc.option(fc.nat(0xffffffff), { nil: undefined }),
  compact: fc.boolean(),
  noPeerId: fc.boolean(),
});

Deno.test("every announce is read as it was written", () => {
  fc.assert(
    fc.property(
      request,
      fc.constantFrom({}, { name: "tên 1 & +=%" }, {
        ip: "10.0.0.1",
        ipv6: "fd00::1",
        trackerId: "t",
      }),
      (said, more) => {
        const whole = { ...said, ...more };
        const query = formatAnnounceQuery(whole);
        assertEquals(parseAnnounceQuery(query), whole);
        assertEquals(parseAnnounceQuery(`/announce?${query}`, 10), whole);
      },
    ),
    { seed: 11, numRuns: 500 },
  );
});

Deno.test("BEP 23's request, and what is not said", () => {
  const read = parseAnnounceQuery(`peer_id=${id}&info_hash=${id}&port=6881&compact=1`);
  assertEquals(read.infoHash, latin1(id));
  assertEquals(read.left, Number.MAX_SAFE_INTEGER, "a download that has not begun");
  assertEquals([read.event, read.numwant, read.key, read.compact], ["none", -1, undefined, true]);
  assertEquals(parseAnnounceQuery(`${least}&left=18446744073709551615`).left, 2 ** 53 - 1);
  assertEquals(parseAnnounceQuery(`${least}&left=-1`).left, 2 ** 53 - 1);
  assertEquals(parseAnnounceQuery(`${least}&event=dancing&x&=&&y=1`).event, "none");
});

Deno.test("a request that cannot be answered says what is wrong with it", () => {
  const table: [query: string, reason: string][] = [
    ["", "info_hash is missing"],
    [`info_hash=${id}`, "peer_id is missing"],
    [`info_hash=${id}&peer_id=${id}`, "port is missing"],
    ["info_hash=short", "info_hash must be 20 bytes"],
    [`info_hash=${id}a`, "info_hash must be 20 bytes"],
    ["info_hash=%zz", "info_hash must be 20 bytes"],
    ["info_hash=%6", "info_hash must be 20 bytes"],
    [`info_hash=${id}&peer_id=\u0100`, "peer_id must be 20 bytes"],
    [`${least}&port=65536`, "port must be a number from 0 to 65535"],
    [`${least}&uploaded=-5`, "uploaded must be a number"],
    [`${least}&left=`, "left must be a number"],
  ];
  for (const [query, reason] of table) {
    assertThrows(() => parseAnnounceQuery(query), TrackerError, reason);
  }
});

Deno.test("no query, however damaged, does more than be refused", () => {
  const piece = fc.constantFrom(
    "&",
    "=",
    "%",
    "%4",
    "info_hash=",
    "peer_id=",
    id,
    "port=",
    "1",
    "+",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (parts) => {
      try {
        parseAnnounceQuery(parts.join(""));
      } catch (error) {
        assertEquals(error instanceof TrackerError, true, String(error));
      }
    }),
    { seed: 13, numRuns: 3000 },
  );
});

Deno.test("a reply is read with everything in it", () => {
  const reply = parseAnnounceReply(latin1(
    "d8:completei1e10:downloadedi7e11:external ip4:\x7f\x00\x00\x0110:incompletei2e8:intervali10e" +
      "12:min intervali5e5:peers12:\x7f\x00\x00\x01\x1a\xe1\x7f\x00\x00\x01\x00\x00" +
      "6:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50" +
      "10:tracker id1:t15:warning message2:hie",
  ));
  assertEquals(reply, {
    interval: 10,
    minInterval: 5,
    seeders: 1,
    leechers: 2,
    completed: 7,
    peers: [{ host: "127.0.0.1", port: 6881 }, { host: "2001:db8::1", port: 80 }],
    trackerId: "t",
    warning: "hi",
    externalIp: "127.0.0.1",
  });
});

Deno.test("peers as a list of dictionaries; a host name is never looked up", () => {
  const reply = parseAnnounceReply(latin1(
    "d8:intervali10e5:peersld2:ip9:127.0.0.14:porti80eed2:ip4:host4:porti80eei5eee",
  ));
  assertEquals(reply.peers, [{ host: "127.0.0.1", port: 80 }]);
});

Deno.test("failure reason, and BEP 31's advice in both spellings", () => {
  const table: [bytes: string, retryIn: number | "never" | undefined][] = [
    ["d14:failure reason3:no!e", undefined],
    ["d14:failure reason3:no!8:retry in1:5e", 5],
    ["d14:failure reason3:no!8:retry ini5ee", 5],
    ["d14:failure reason3:no!8:retry in5:nevere", "never"],
  ];
  for (const [bytes, retryIn] of table) {
    const error = assertThrows(() => parseAnnounceReply(latin1(bytes)), TrackerError, "no!");
    assertEquals(error.retryIn, retryIn);
  }
});

Deno.test("an invalid tracker reply is named, without control characters", () => {
  const table: [bytes: string, says: string][] = [
    ["", "answered nothing"],
    ["\n<!DOCTYPE html><html>", "answered HTML instead of bencode"],
    ["Not Found", 'answered "Not Found" instead of bencode'],
    ["\x1b]0;x\x07", 'answered "?]0;x?" instead of bencode'],
    ["li1ee", "instead of bencode"],
  ];
  for (const [bytes, says] of table) {
    assertThrows(() => parseAnnounceReply(latin1(bytes)), TrackerError, says);
  }
});

Deno.test("of what a tracker says without end no more is kept than is of use", () => {
  const long = "x".repeat(900_000);
  const error = assertThrows(
    () => parseAnnounceReply(latin1(`d14:failure reason900000:${long}e`)),
    TrackerError,
  );
  assertEquals(error.message.length, 300);
  const peers = "\x7f\x00\x00\x01\x1a\xe1".repeat(5000);
  const listed = "d2:ip9:127.0.0.14:porti80ee".repeat(5000);
  for (const value of [`30000:${peers}`, `l${listed}e`]) {
    const reply = parseAnnounceReply(latin1(
      `d8:intervali10e5:peers${value}10:tracker id1025:${long.slice(0, 1025)}` +
        `15:warning message900000:${long}e`,
    ));
    assertEquals(reply.trackerId, undefined, "one that is cut would be another");
    assertEquals([reply.warning?.length, reply.peers.length], [300, 1000]);
  }
});

Deno.test("bytes behind a reply do not refuse it; a refusal without words is one", () => {
  for (const tail of ["\r\n", "\0", "d8:intervali9ee", "<!-- cached -->"]) {
    assertEquals(parseAnnounceReply(latin1(`d8:intervali10ee${tail}`)).interval, 10);
  }
  for (const bytes of ["d14:failure reason0:e", "d14:failure reasoni1ee"]) {
    assertThrows(() => parseAnnounceReply(latin1(bytes)), TrackerError, "without saying why");
  }
});
