/**
 * Hybrid announce: a hybrid torrent is announced to both of its swarms (BEP 52), and each answer is
 * used when it comes.
 *
 * @module
 */
import type { AnnounceReply, AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import type { Clock } from "../clock.ts";
import type { TrackerPort } from "../ports.ts";

/** ms that the other swarms have to answer once one has, so that their counts are told as one. */
const GRACE_MS = 300;

/** What a tracker says of a torrent. */
export interface SwarmReply {
  /** Of all swarms that have answered so far. */
  readonly reply: AnnounceReply;
  /** Of all swarms that answer at all. */
  readonly whole: Promise<AnnounceReply>;
}

/**
 * Announces in all swarms at once, and does not wait for those that are silent while others answer.
 * Peers are put together; whoever is in both counts once, so of two counts the larger is told.
 *
 * @param on.reply called with the answer for each swarm as it comes
 * @throws {TrackerError} where the tracker took none
 */
export async function announceToSwarms(
  announcer: TrackerPort,
  url: string,
  infoHashes: readonly Uint8Array[],
  request: Omit<AnnounceRequest, "infoHash">,
  on: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    reply?(reply: AnnounceReply): void;
  },
): Promise<SwarmReply> {
  const replies: AnnounceReply[] = [];
  const first = Promise.withResolvers<void>();
  const settled = Promise.allSettled(infoHashes.map(async (infoHash) => {
    const reply = await announcer.announce(url, { ...request, infoHash }, on.signal);
    replies.push(reply);
    first.resolve();
    on.reply?.(reply);
  }));
  const whole = settled.then((results) => {
    const failures = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : []
    );
    const bug = failures.find((failure) => !(failure instanceof TrackerError));
    if (bug !== undefined || replies.length === 0) throw bug ?? failures[0];
    return together(replies);
  });
  const inTime = Promise.race([
    whole,
    first.promise.then(() => within(GRACE_MS, settled, on.clock)),
  ]);
  return { reply: await inTime ?? together(replies), whole };
}

/** Resolves when `promise` has settled, and after `ms` all the same. */
function within(ms: number, promise: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve);
    promise.finally(() => {
      timer[Symbol.dispose]();
      resolve();
    });
  });
}

/** @param replies one at least */
function together(replies: readonly AnnounceReply[]): AnnounceReply {
  const [first] = replies as [AnnounceReply];
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
  announcer: TrackerPort,
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
