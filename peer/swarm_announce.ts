/**
 * One torrent at one tracker, in each of its swarms: a hybrid has two (BEP 52).
 *
 * @module
 */
import type { AnnounceReply, AnnounceRequest, ScrapeEntry } from "../protocol/announce.ts";
import type { Announcer } from "./ports.ts";

/**
 * Announces in all swarms at once. Peers are put together; whoever is in both counts once, so of two
 * counts the larger is told.
 *
 * @throws {TrackerError} where the tracker took none
 */
export async function announceToSwarms(
  announcer: Announcer,
  url: string,
  infoHashes: readonly Uint8Array[],
  request: Omit<AnnounceRequest, "infoHash">,
  signal: AbortSignal,
): Promise<AnnounceReply> {
  const results = await Promise.allSettled(
    infoHashes.map((infoHash) => announcer.announce(url, { ...request, infoHash }, signal)),
  );
  const replies = results.filter((result) => result.status === "fulfilled")
    .map(({ value }) => value);
  const [first] = replies;
  if (first === undefined) throw (results[0] as PromiseRejectedResult).reason;
  if (replies.length === 1) return first;
  const peers = new Map(
    replies.flatMap(({ peers }) => peers).map((peer) => [`${peer.host} ${peer.port}`, peer]),
  );
  const seeders = largest(replies.map((reply) => reply.seeders));
  const leechers = largest(replies.map((reply) => reply.leechers));
  return {
    ...first,
    peers: [...peers.values()],
    ...(seeders !== undefined && { seeders }),
    ...(leechers !== undefined && { leechers }),
  };
}

/** Counts of a torrent over its swarms; undefined where the tracker knows none. */
export async function scrapeSwarms(
  announcer: Announcer,
  url: string,
  infoHashes: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<ScrapeEntry | undefined> {
  const [first, ...others] = await announcer.scrape(url, [...infoHashes], signal);
  if (first === undefined) return undefined;
  const all = [first, ...others];
  return {
    ...first,
    seeders: Math.max(...all.map(({ seeders }) => seeders)),
    leechers: Math.max(...all.map(({ leechers }) => leechers)),
    completed: Math.max(...all.map(({ completed }) => completed)),
  };
}

function largest(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
