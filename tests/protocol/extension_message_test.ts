import fc from "fast-check";
import { encodeBencode } from "../../protocol/bencode.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  encodeExtensionHandshake,
  encodeMetadataMessage,
  encodePex,
  type ExtensionHandshake,
  MAX_METADATA_SIZE,
  MAX_PEX_PEERS,
  parseExtensionHandshake,
  parseMetadataMessage,
  parsePex,
} from "../../protocol/extension_message.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { fromLatin1, latin1 } from "../support/bytes.ts";

Deno.test("parseExtensionHandshake() reads the example of BEP 10", () => {
  assertEquals(
    parseExtensionHandshake(
      latin1("d1:md11:LT_metadatai1e6:\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e"),
    ),
    { messages: { LT_metadata: 1, "\xb5T_PEX": 2 }, port: 6881, client: "µTorrent 1.2" },
  );
});

Deno.test("an extension handshake reads back as written", () => {
  const hello: ExtensionHandshake = {
    messages: { "ut_metadata": 2, "ut_pex": 1 },
    client: "vtorrent 0.1.0",
    port: 6881,
    reqq: 500,
    metadataSize: 31235,
    yourIp: Uint8Array.of(127, 0, 0, 1),
    uploadOnly: true,
    name: "1",
  };
  assertEquals(parseExtensionHandshake(encodeExtensionHandshake(hello)), hello);
  assertEquals(fromLatin1(encodeExtensionHandshake({ messages: {} })), "d1:mdee");
});

Deno.test("parseExtensionHandshake() leaves out what makes no sense", () => {
  const read = (entries: Parameters<typeof encodeBencode>[0]): ExtensionHandshake =>
    parseExtensionHandshake(encodeBencode(entries));
  assertEquals(
    read({
      m: { a: 256, b: -1, c: "x", d: 0, e: 255 },
      p: 0,
      v: [],
      reqq: -1,
      "metadata_size": 0,
      yourip: "abc",
      "upload_only": "x",
    }),
    { messages: { d: 0, e: 255 } },
  );
  assertEquals(read({ m: 5, p: 65536 }), { messages: {} });
  // An IPv4 address in IPv6's clothes is an IPv4 address.
  const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1);
  assertEquals(read({ yourip: mapped }).yourIp, Uint8Array.of(127, 0, 0, 1));
});

Deno.test("parseExtensionHandshake() gives names that are fit to print", () => {
  const hello = parseExtensionHandshake(
    encodeBencode({ v: "\x1b]0;owned\x07 client", "vt_name": "x".repeat(500) }),
  );
  assertEquals(hello.client, "]0;owned client");
  assertEquals(hello.name, "x".repeat(64));
});

Deno.test("parseExtensionHandshake() takes unsorted keys but no rubbish", () => {
  assertEquals(parseExtensionHandshake(latin1("d1:pi1e1:mdee")).port, 1);
  for (const payload of ["", "le", "i1e", "d", "x", "d1:m"]) {
    assertThrows(
      () => parseExtensionHandshake(latin1(payload)),
      ProtocolError,
      "extension handshake that is",
    );
  }
  assertThrows(() => parseExtensionHandshake(latin1("d1:m" + "l".repeat(1e5))), ProtocolError);
});

Deno.test("parseExtensionHandshake() is not fooled by names from JavaScript", () => {
  const { messages } = parseExtensionHandshake(encodeBencode(
    new Map([["m", new Map([["__proto__", 3], ["constructor", 4]])]]),
  ));
  assertEquals(Object.entries(messages), [["__proto__", 3], ["constructor", 4]]);
  assertEquals(Object.getPrototypeOf(messages), Object.prototype);
});

Deno.test("metadata messages are those of BEP 9", () => {
  assertEquals(
    fromLatin1(encodeMetadataMessage({ type: "request", piece: 0 })),
    "d8:msg_typei0e5:piecei0ee",
  );
  assertEquals(
    fromLatin1(encodeMetadataMessage({ type: "reject", piece: 1 })),
    "d8:msg_typei2e5:piecei1ee",
  );
  assertEquals(
    fromLatin1(
      encodeMetadataMessage({ type: "data", piece: 0, totalSize: 3, data: latin1("abc") }),
    ),
    "d8:msg_typei1e5:piecei0e10:total_sizei3eeabc",
  );
});

Deno.test("metadata messages read back as written", () => {
  for (const type of ["request", "reject"] as const) {
    const message = { type, piece: 5 };
    assertEquals(parseMetadataMessage(encodeMetadataMessage(message)), message);
  }
  for (const [piece, length] of [[0, 16384], [1, 16384], [2, 1488]] as const) {
    const data = new Uint8Array(length).fill(0x65);
    const message = { type: "data", piece, totalSize: 34256, data } as const;
    assertEquals(parseMetadataMessage(encodeMetadataMessage(message)), message);
  }
});

Deno.test("parseMetadataMessage() refuses what cannot be and ignores unknown types", () => {
  const parse = (payload: string): unknown => parseMetadataMessage(latin1(payload));
  assertEquals(parse("d8:msg_typei3e5:piecei0ee"), undefined);
  assertThrows(() => parse("d5:piecei0ee"), ProtocolError, "without a type");
  assertThrows(() => parse("d8:msg_typei0ee"), ProtocolError, "impossible piece");
  assertThrows(() => parse("d8:msg_typei0e5:piecei-1ee"), ProtocolError, "impossible piece");
  assertThrows(() => parse("d8:msg_typei0e5:piecei512ee"), ProtocolError, "impossible piece");
  assertThrows(() => parse("d8:msg_typei1e5:piecei0ee"), ProtocolError, "impossible size");
  assertThrows(
    () => parse(`d8:msg_typei1e5:piecei0e10:total_sizei${MAX_METADATA_SIZE + 1}ee`),
    ProtocolError,
    "impossible size",
  );
  assertThrows(
    () => parse("d8:msg_typei1e5:piecei0e10:total_sizei3eeab"),
    ProtocolError,
    "2 bytes where 3 are due",
  );
  assertThrows(() => parse("d8:msg_typei1e5:piecei1e10:total_sizei3ee"), ProtocolError);
  assertThrows(() => parse("rubbish"), ProtocolError);
});

Deno.test("peer exchange reads back as written, flags beside their peers", () => {
  const message = {
    added: [
      { host: "127.0.0.1", port: 6881, flags: 2 },
      { host: "10.0.0.2", port: 1, flags: 0 },
      { host: "2001:db8::1", port: 65535, flags: 16 },
    ],
    dropped: [{ host: "192.168.1.1", port: 6882 }, { host: "::1", port: 6883 }],
  };
  assertEquals(parsePex(encodePex(message)), message);
});

Deno.test("encodePex() keeps flags beside peers when some have no address", () => {
  const { added } = parsePex(encodePex({
    added: [
      { host: "host.example", port: 1, flags: 1 },
      { host: "::ffff:10.0.0.1", port: 2, flags: 2 },
      { host: "10.0.0.2", port: 3, flags: 3 },
      { host: "fc00::1", port: 4, flags: 4 },
    ],
    dropped: [],
  }));
  assertEquals(added.map((peer) => [peer.host, peer.flags]), [
    ["10.0.0.1", 2],
    ["10.0.0.2", 3],
    ["fc00::1", 4],
  ]);
});

Deno.test("parsePex() leaves out what cannot be dialled and what is too much", () => {
  const one = [127, 0, 0, 1, 0x1a, 0xe1];
  const bad = [127, 0, 0, 1, 0, 0, 224, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1];
  const message = parsePex(encodeBencode({
    added: Uint8Array.from([...bad, ...one, 1, 2]),
    "added.f": Uint8Array.of(1, 2, 3, 4),
  }));
  assertEquals(message, { added: [{ host: "127.0.0.1", port: 6881, flags: 4 }], dropped: [] });

  const many = Uint8Array.from(Array.from({ length: 500 }, () => one).flat());
  const flood = parsePex(encodeBencode({ added: many, dropped: many }));
  assertEquals(flood.added.length, MAX_PEX_PEERS);
  assertEquals(flood.dropped.length, MAX_PEX_PEERS);

  const huge = encodeBencode({ added: new Uint8Array(1 << 20) });
  assertThrows(() => parsePex(huge), ProtocolError, "bytes");

  assertEquals(parsePex(latin1("d5:addedi5ee")), { added: [], dropped: [] });
  assertThrows(() => parsePex(latin1("le")), ProtocolError, "not a dictionary");
});

Deno.test("no payload makes the parsers throw anything but ProtocolError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      const payload = latin1("d1:mde" + fromLatin1(new Uint8Array(tail)));
      for (const parse of [parseExtensionHandshake, parseMetadataMessage, parsePex]) {
        try {
          parse(payload);
        } catch (error) {
          assert(error instanceof ProtocolError, String(error));
        }
      }
    }),
    { seed: 11, numRuns: 2000 },
  );
});
