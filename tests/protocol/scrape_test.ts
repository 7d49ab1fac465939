import { TrackerError } from "../../protocol/errors.ts";
import {
  encodeScrapeReply,
  formatScrapeQuery,
  parseScrapeQuery,
  parseScrapeReply,
} from "../../protocol/scrape.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const hash = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);

Deno.test("BEP 48: one torrent's reply, byte for byte", () => {
  const entry = { infoHash: hash(0x61), seeders: 11, completed: 13772, leechers: 19 };
  assertEquals(
    text(encodeScrapeReply([entry])),
    `d5:filesd20:${"a".repeat(20)}d8:completei11e10:downloadedi13772e10:incompletei19eeee`,
  );
});

Deno.test("several torrents come out sorted and once, and are read back", () => {
  const [a, z] = [0x00, 0xff].map((byte) => ({
    infoHash: hash(byte),
    seeders: byte,
    completed: 2,
    leechers: 3,
  }));
  assertEquals(parseScrapeReply(encodeScrapeReply([z!, a!, z!])), [a!, z!]);
  assertEquals(parseScrapeReply(encodeScrapeReply([])), []);
});

Deno.test("the query names any number of torrents", () => {
  const hashes = [hash(0), hash(0x26), hash(0xff)];
  assertEquals(parseScrapeQuery(formatScrapeQuery(hashes)), hashes);
  assertEquals(parseScrapeQuery(""), []);
  assertThrows(() => parseScrapeQuery("info_hash=a"), TrackerError, "info_hash must be 20 bytes");
});

Deno.test("a tracker without scrape is said to be one", () => {
  const bytes = new TextEncoder().encode("d8:intervali1ee");
  assertThrows(() => parseScrapeReply(bytes), TrackerError, "may not support scrape");
});
