import { parseAnnounceQuery, parseAnnounceReply } from "../../protocol/announce.ts";
import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { ChunkedBody } from "../../protocol/chunked_body.ts";
import { findHeadEnd, parseRequestHead, RequestHead } from "../../protocol/http_head.ts";
import { PlainGetReader } from "../../protocol/http_plain_get.ts";
import { parseScrapeQuery, parseScrapeReply } from "../../protocol/scrape.ts";
import { announceUrl, scrapeUrl } from "../../protocol/tracker_url.ts";
import { parseUdpReply, parseUdpRequest } from "../../protocol/udp_packet.ts";
import { parseRetryAfter } from "../../peer/io/retry_after.ts";
import { parseListing } from "../../peer/io/catalogue_client.ts";
import { parseReport } from "../../shell/dashboard/report.ts";
import { UsageError } from "../../shell/errors.ts";
import { forwardedAddress } from "../../tracker/logic/forwarded_address.ts";
import { HashListError, parseHashList } from "../../tracker/logic/hash_list.ts";
import { type Shape, testBudget, textBytes, times } from "./budget.ts";

const ANNOUNCE = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1";

function ascii(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** A request's head as a server finds and reads it, all that it asks of it included. */
function readHead(bytes: Uint8Array): unknown {
  findHeadEnd(bytes, 0, 0, bytes.length);
  new PlainGetReader("/announce").read(bytes, 0, bytes.length);
  const head = parseRequestHead(ascii(bytes));
  return head instanceof RequestHead
    ? [head, head.header("x-forwarded-for"), head.header("if-none-match")]
    : head;
}

/** The same where each byte comes alone. */
function readHeadSlowly(bytes: Uint8Array): number {
  let found = 0;
  for (let end = 1; end <= bytes.length; end++) found = findHeadEnd(bytes, 0, end - 1, end);
  return found;
}

function head(fields: string, target = "/announce?a"): Uint8Array {
  return textBytes(`GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
}

function readChunks(bytes: Uint8Array, length = bytes.length): number {
  let taken = 0;
  const body = new ChunkedBody((part) => taken += part.length);
  for (let at = 0; at < bytes.length && !body.isDone; at += length) {
    if (body.feed(bytes.subarray(at, at + length)) < 0) break;
  }
  return taken;
}

/** A UDP announce with options of so many bytes each (BEP 41). */
function udpAnnounce(count: number, length: number): Uint8Array {
  const bytes = new Uint8Array(98 + count * (2 + length));
  bytes[11] = 1;
  for (let i = 0; i < count; i++) {
    bytes[98 + i * (2 + length)] = 2;
    bytes[99 + i * (2 + length)] = length;
  }
  return bytes;
}

function udp(length: number, action: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(1);
  bytes.set([0, 0, 0, action]);
  return bytes;
}

function udpScrape(count: number): Uint8Array {
  const bytes = new Uint8Array(16 + 20 * count);
  bytes[11] = 2;
  return bytes;
}

function json(value: unknown): Uint8Array {
  return textBytes(JSON.stringify(value));
}

function scrapeReply(count: number): Uint8Array {
  const counts: BencodeInput = { complete: 1, downloaded: 1, incomplete: 1 };
  const files = times(count, (i) => [String(i).padStart(20, "0"), counts]);
  return encodeBencode({ files: Object.fromEntries(files) });
}

const HASH = "0".repeat(40);

function report(links: number, active: number): Uint8Array {
  return json({
    "peer_id": HASH,
    name: "n",
    torrents: times(4, () => ({
      "info_hash": HASH,
      torrent: "t",
      pieces: 64,
      have: "AAAAAAAAAAA=",
      active: times(active, () => 1),
      progress: 0,
      "download_rate": 0,
      "upload_rate": 0,
      links: times(links, () => ({ to: HASH, name: "n", rate: 0, reason: "r" })),
    })),
  });
}

function catalogue(count: number, name: string): Uint8Array {
  const torrents = times(count, () => ({ name, "info_hash": HASH, size: 1, pieces: 1 }));
  return json({ torrents, total: count });
}

const readReport = (bytes: Uint8Array) => parseReport(JSON.parse(ascii(bytes)));
const readAnnounce = (bytes: Uint8Array) => parseAnnounceQuery(bytes);
const readListing = (bytes: Uint8Array) => parseListing("http://a/announce", bytes);
const readUrl = (bytes: Uint8Array) => {
  try {
    return announceUrl(ascii(bytes));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
};

const SHAPES: [what: string, make: Shape["make"], small: number, read: Shape["read"]][] = [
  ["fields of a request", (n) => head("a: b\r\n".repeat(n)), 300, readHead],
  ["a field that is asked for", (n) => head("X-Forwarded-For: b\r\n".repeat(n)), 95, readHead],
  ["a long field", (n) => head(`a: ${" b".repeat(n)}\r\n`), 900, readHead],
  [
    "a long list of connection options",
    (n) => head(`Connection: ${"a,".repeat(n)}\r\n`),
    900,
    readHead,
  ],
  ["lines without a colon", (n) => head("a\r\n".repeat(n)), 600, readHead],
  ["a long target", (n) => head("", `/${"?".repeat(n)}`), 900, readHead],
  [
    "a request's blanks",
    (n) => textBytes(`GET ${" ".repeat(n)}/ HTTP/1.1\r\n\r\n`),
    1900,
    readHead,
  ],
  ["a request byte by byte", (n) => head("a: b\r\n".repeat(n)), 300, readHeadSlowly],
  ["a request of empty lines", (n) => textBytes("\r\n".repeat(n)), 900, readHead],
  [
    "chunks of a byte",
    (n) => textBytes("1\r\na\r\n".repeat(n)),
    2000,
    (bytes) => readChunks(bytes),
  ],
  [
    "chunks that come byte by byte",
    (n) => textBytes("1;x\r\na\r\n".repeat(n)),
    1000,
    (bytes) => readChunks(bytes, 1),
  ],
  [
    "extensions of chunks",
    (n) => textBytes(`1;${"\t".repeat(240)}\r\na\r\n`.repeat(n)),
    20,
    (bytes) => readChunks(bytes),
  ],
  [
    "addresses that proxies name",
    (n) => textBytes("1.2.3.4, ".repeat(n)),
    200,
    (bytes) => forwardedAddress(ascii(bytes), 3),
  ],

  ["keys of an announce", (n) => textBytes(`${ANNOUNCE}${"&a=b".repeat(n)}`), 250, readAnnounce],
  [
    "names in an announce",
    (n) => textBytes(`${ANNOUNCE}${"&vt_name=a%20b".repeat(n)}`),
    70,
    readAnnounce,
  ],
  [
    "names in an announce that are no text",
    (n) => textBytes(`${ANNOUNCE}${"&ip=%ff".repeat(n)}`),
    140,
    readAnnounce,
  ],
  [
    "a long key of an announce",
    (n) => textBytes(`${ANNOUNCE}&key=${"k".repeat(n)}`),
    900,
    readAnnounce,
  ],
  [
    "a long number in an announce",
    (n) => textBytes(`${ANNOUNCE}&left=${"9".repeat(n)}`),
    900,
    readAnnounce,
  ],
  [
    "torrents of a scrape",
    (n) => textBytes("info_hash=aaaaaaaaaaaaaaaaaaaa&".repeat(n)),
    30,
    parseScrapeQuery,
  ],
  ["options of a UDP announce", (n) => udpAnnounce(n, 0), 300, parseUdpRequest],
  ["long options of a UDP announce", (n) => udpAnnounce(n, 255), 4, parseUdpRequest],
  ["torrents of a UDP scrape", udpScrape, 17, parseUdpRequest],
  ["torrents of a UDP scrape beyond", udpScrape, 400, parseUdpRequest],
  [
    "hashes of a list",
    (n) => textBytes(`${HASH} # x\n`.repeat(n)),
    500,
    (bytes) => parseHashList(ascii(bytes)),
  ],

  [
    "peers of a tracker",
    (n) => encodeBencode({ peers: new Uint8Array(6 * n).fill(9) }),
    3000,
    parseAnnounceReply,
  ],
  [
    "peers of a tracker over IPv6",
    (n) => encodeBencode({ peers6: new Uint8Array(18 * n).fill(0x20) }),
    3000,
    parseAnnounceReply,
  ],
  [
    "peers of a tracker in a list",
    (n) => encodeBencode({ interval: 1, peers: times(n, (i) => ({ ip: "127.0.0.1", port: i })) }),
    1000,
    parseAnnounceReply,
  ],
  [
    "keys of a tracker",
    (n) => encodeBencode(Object.fromEntries(times(n, (i) => [`k${i}`, i]))),
    2000,
    parseAnnounceReply,
  ],
  [
    "a refusal of a tracker",
    (n) => encodeBencode({ "failure reason": "c".repeat(n) }),
    100_000,
    parseAnnounceReply,
  ],
  [
    "a page in place of a reply",
    (n) => textBytes(`<html>${" ".repeat(n)}`),
    100_000,
    parseAnnounceReply,
  ],
  ["counts of a tracker", scrapeReply, 1000, parseScrapeReply],
  ["peers of a UDP tracker", (n) => udp(20 + 6 * n, 1), 2000, (bytes) => parseUdpReply(bytes, 4)],
  ["counts of a UDP tracker", (n) => udp(8 + 12 * n, 2), 1000, (bytes) => parseUdpReply(bytes, 4)],
  ["a refusal of a UDP tracker", (n) => udp(n, 3), 15_000, (bytes) => parseUdpReply(bytes, 4)],
  [
    "blanks of a UDP tracker",
    (n) => {
      const bytes = udp(n, 3).fill(32, 8);
      bytes[n - 1] = 65;
      return bytes;
    },
    15_000,
    (bytes) => parseUdpReply(bytes, 4),
  ],
  [
    "a time to wait",
    (n) => textBytes("9".repeat(n)),
    4000,
    (bytes) => parseRetryAfter(ascii(bytes), 0),
  ],
  ["colons of a tracker's address", (n) => textBytes(`${":".repeat(n)}x`), 1000, readUrl],
  ["digits of a tracker's address", (n) => textBytes(`udp://h${":1".repeat(n)}`), 1000, readUrl],
  [
    "a tracker's path",
    (n) => textBytes(`http://h/${"/".repeat(n)}announce`),
    1000,
    (bytes) => scrapeUrl(ascii(bytes)),
  ],

  ["links of a report", (n) => report(n, 1), 10, readReport],
  ["links of a report beyond", (n) => report(n, 1), 250, readReport],
  ["pieces of a report", (n) => report(1, n), 16, readReport],
  ["pieces of a report beyond", (n) => report(1, n), 2000, readReport],
  ["entries of a catalogue", (n) => catalogue(n, "n"), 125, readListing],
  ["entries of a catalogue beyond", (n) => catalogue(n, "n"), 2000, readListing],
  ["names of a catalogue", (n) => catalogue(20, "n".repeat(n)), 2000, readListing],
];

for (const [what, make, small, read] of SHAPES) {
  testBudget({ what, make, small, read, refusals: [UsageError, HashListError] });
}
