import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { parseDiscoveryReply, parseDiscoveryRequest } from "../../protocol/discovery.ts";
import {
  parseExtensionHandshake,
  parseMetadataMessage,
  parsePex,
} from "../../protocol/extended.ts";
import { decodeHandshake, isHandshakePrefix } from "../../protocol/handshake.ts";
import { parseKrpc } from "../../protocol/krpc.ts";
import { parseLsd } from "../../protocol/lsd.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { decodeUtp } from "../../protocol/utp_packet.ts";
import { type Shape, testBudget, textBytes, times } from "./budget.ts";

const ID = new Uint8Array(20).fill(7);

/** Everything that a connection's reader makes of these bytes, which came in reads of some length. */
function readAll(bytes: Uint8Array, length = bytes.length): number {
  const reader = new MessageReader();
  let messages = 0;
  for (let at = 0; at < bytes.length;) {
    const space = reader.space();
    const part = bytes.subarray(at, at + Math.min(length, space.length));
    space.set(part);
    reader.commit(part.length);
    at += part.length;
    while (reader.next() !== undefined) messages++;
  }
  return messages;
}

/** A message's frame. */
function frame(id: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + payload.length);
  new DataView(bytes.buffer).setUint32(0, 1 + payload.length);
  bytes[4] = id;
  bytes.set(payload, 5);
  return bytes;
}

function frames(count: number, one: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(count * one.length);
  for (let i = 0; i < count; i++) bytes.set(one, i * one.length);
  return bytes;
}

function keyed(count: number, value: BencodeInput): Record<string, BencodeInput> {
  return Object.fromEntries(times(count, (i) => [`k${i}`, value]));
}

function krpc(more: Record<string, BencodeInput>): Uint8Array {
  return encodeBencode({ r: { id: ID, ...more }, t: "aa", y: "r" });
}

function question(more: Record<string, BencodeInput>): Uint8Array {
  return encodeBencode({ a: { id: ID, ...more }, q: "find_node", t: "aa", y: "q" });
}

function lsd(lines: string): Uint8Array {
  return textBytes(`BT-SEARCH * HTTP/1.1\r\n${lines}\r\n\r\n\r\n`);
}

/** A uTP packet with a chain of extensions, each of so many bytes. */
function utp(count: number, length: number, kind: number): Uint8Array {
  const bytes = new Uint8Array(20 + count * (2 + length));
  bytes[0] = 0x21;
  bytes[1] = kind;
  for (let i = 0; i < count; i++) {
    const at = 20 + i * (2 + length);
    bytes[at] = i < count - 1 ? kind : 0;
    bytes[at + 1] = length;
  }
  return bytes;
}

/** Peers of addresses that can be called. */
function peers(count: number): Uint8Array {
  return Uint8Array.from(times(count, (i) => [10, i >> 16, i >> 8, i, 26, 225]).flat());
}

const SHAPES: [what: string, make: Shape["make"], small: number, read: Shape["read"]][] = [
  ["messages without a body", (n) => frames(n, frame(0, new Uint8Array())), 5000, readAll],
  [
    "messages byte by byte",
    (n) => frames(n, frame(4, new Uint8Array(4))),
    500,
    (bytes) => readAll(bytes, 1),
  ],
  ["requests", (n) => frames(n, frame(6, new Uint8Array(12))), 2000, readAll],
  ["requests for hashes", (n) => frames(n, frame(21, new Uint8Array(48))), 1000, readAll],
  ["hashes", (n) => frame(22, new Uint8Array(48 + 32 * n)), 2000, readAll],
  ["a bitfield", (n) => frame(5, new Uint8Array(n)), 60_000, readAll],
  ["keep-alives", (n) => new Uint8Array(4 * n), 5000, readAll],
  ["a message that is announced too long", (n) => new Uint8Array(n).fill(0xff), 60_000, readAll],
  [
    "a handshake",
    (n) => frames(1, new Uint8Array(n)),
    68,
    (bytes) => isHandshakePrefix(bytes) && decodeHandshake(bytes),
  ],

  [
    "extensions of a handshake",
    (n) => encodeBencode({ m: keyed(n, 1) }),
    100,
    parseExtensionHandshake,
  ],
  [
    "a client's long name",
    (n) => encodeBencode({ v: "\u202e".repeat(n) }),
    5000,
    parseExtensionHandshake,
  ],
  ["a handshake of nested lists", (n) => textBytes("l".repeat(n)), 15_000, parseExtensionHandshake],
  [
    "peers of a peer",
    (n) => encodeBencode({ added: peers(n), "added.f": new Uint8Array(n) }),
    2000,
    parsePex,
  ],
  ["peers of a peer that left", (n) => encodeBencode({ dropped: peers(n) }), 2000, parsePex],
  [
    "peers of a peer that nobody can call",
    (n) => encodeBencode({ added: new Uint8Array(6 * n) }),
    2000,
    parsePex,
  ],
  ["keys of a peer exchange", (n) => encodeBencode(keyed(n, 1)), 100, parsePex],
  [
    "metadata",
    (n) => encodeBencode({ "msg_type": 0, piece: 0, x: "c".repeat(n) }),
    4000,
    parseMetadataMessage,
  ],
  [
    "keys of a metadata message",
    (n) => encodeBencode({ "msg_type": 0, piece: 0, x: keyed(n, 1) }),
    100,
    parseMetadataMessage,
  ],

  ["peers of a DHT answer", (n) => krpc({ values: times(n, () => peers(1)) }), 100, parseKrpc],
  [
    "nodes of a DHT answer",
    (n) => krpc({ nodes: Uint8Array.from(times(n, () => [...ID, ...peers(1)]).flat()) }),
    35,
    parseKrpc,
  ],
  [
    "nodes of a DHT answer over IPv6",
    (n) => krpc({ nodes6: new Uint8Array(38 * n).fill(0x20) }),
    25,
    parseKrpc,
  ],
  [
    "families that a DHT question wants",
    (n) => question({ want: times(n, () => "n4") }),
    200,
    parseKrpc,
  ],
  ["keys of a DHT question", (n) => question(keyed(n, 1)), 100, parseKrpc],
  [
    "a DHT refusal",
    (n) => encodeBencode({ e: [201, "c".repeat(n)], t: "aa", y: "e" }),
    900,
    parseKrpc,
  ],
  ["a DHT datagram of lists", (n) => textBytes("l".repeat(n)), 1000, parseKrpc],

  [
    "torrents of a local announcement",
    (n) => lsd(`Port: 1\r\n${"Infohash: 0000000000000000000000000000000000000000\r\n".repeat(n)}`),
    6,
    parseLsd,
  ],
  ["blanks of a local announcement", (n) => lsd(`Port:${" ".repeat(n)}\rx\rx`), 330, parseLsd],
  ["blanks within a local announcement", (n) => lsd(`cookie: ${"x ".repeat(n)}\rx`), 160, parseLsd],
  ["lines of a local announcement", (n) => lsd("a:\n".repeat(n)), 110, parseLsd],

  ["extensions of a uTP packet", (n) => utp(n, 0, 9), 150, decodeUtp],
  ["acknowledgements of a uTP packet", (n) => utp(n, 4, 1), 50, decodeUtp],
  ["a discovery request", (n) => new Uint8Array(n).fill(0x56), 300, parseDiscoveryRequest],
  ["a discovery reply", (n) => new Uint8Array(n).fill(0x56), 300, parseDiscoveryReply],
];

for (const [what, make, small, read] of SHAPES) testBudget({ what, make, small, read });
