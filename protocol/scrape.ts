/**
 * A scrape over HTTP (BEP 48): how many seeders, leechers and downloads a torrent has.
 *
 * @module
 */
import { concatBytes } from "./concat_bytes.ts";
import { countOf, parseTrackerDict, type ScrapeEntry } from "./announce.ts";
import { ID_LENGTH, percentEncode } from "./bytes20.ts";
import { TrackerError } from "./errors.ts";
import { QueryReader } from "./query.ts";

const encoder = new TextEncoder();

/** The query of a scrape URL, without the `?`. */
export function formatScrapeQuery(infoHashes: readonly Uint8Array[]): string {
  return infoHashes.map((infoHash) => `info_hash=${percentEncode(infoHash)}`).join("&");
}

/**
 * The torrents that a scrape asks for.
 *
 * @param start where the query begins in `query` (bytes, or ASCII text): after the `?`
 * @param end where it ends
 * @throws {TrackerError} with the text for the client
 */
export function parseScrapeQuery(
  query: string | Uint8Array,
  start = 0,
  end?: number,
): Uint8Array[] {
  const infoHashes: Uint8Array[] = [];
  const bytes = typeof query === "string" ? encoder.encode(query) : query;
  const reader = new QueryReader(bytes, start, end);
  while (reader.next()) {
    if (reader.key !== "info_hash") continue;
    const infoHash = reader.bytes(ID_LENGTH);
    if (!infoHash) throw new TrackerError("info_hash must be 20 bytes");
    infoHashes.push(infoHash);
  }
  return infoHashes;
}

/** A scrape reply; entries come out sorted by info hash and once each, as bencode wants. */
export function encodeScrapeReply(entries: readonly ScrapeEntry[]): Uint8Array<ArrayBuffer> {
  const byHash = new Map(entries.map((entry) => [entry.infoHash.toHex(), entry]));
  const parts = [encoder.encode("d5:filesd")];
  for (const hex of [...byHash.keys()].sort()) {
    const { infoHash, seeders, completed, leechers } = byHash.get(hex)!;
    const counts = `d8:completei${seeders}e10:downloadedi${completed}e10:incompletei${leechers}ee`;
    parts.push(encoder.encode("20:"), new Uint8Array(infoHash), encoder.encode(counts));
  }
  parts.push(encoder.encode("ee"));
  return concatBytes(parts);
}

/**
 * The counts that a tracker sent.
 *
 * @throws {TrackerError} its `failure reason`, or what came in place of a scrape reply
 */
export function parseScrapeReply(bytes: Uint8Array): ScrapeEntry[] {
  const files = parseTrackerDict(bytes).get("files");
  if (!(files instanceof Map)) {
    throw new TrackerError("The tracker answered without counts: it may not support scrape");
  }
  const entries: ScrapeEntry[] = [];
  for (const [key, value] of files) {
    if (key.length !== ID_LENGTH || !(value instanceof Map)) continue;
    entries.push({
      infoHash: Uint8Array.from(key, (character) => character.charCodeAt(0)),
      seeders: countOf(value.get("complete")) ?? 0,
      completed: countOf(value.get("downloaded")) ?? 0,
      leechers: countOf(value.get("incomplete")) ?? 0,
    });
  }
  return entries;
}
