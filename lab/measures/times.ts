/**
 * Measures of time: completion, makespan, and both against the bounds of theory.
 *
 * @module
 */
import type { Member } from "../run/run_record.ts";
import { clientServerBound, leastMakespan, peerToPeerBound, type Rates } from "./bounds.ts";
import { quantile } from "./statistics.ts";
import { isLeecher, type MemberTally, type Tally } from "./tally.ts";

/** ms from arrival until complete; Infinity: never; undefined: it never came. */
export function completionOf({ arrivedAt, completedAt }: MemberTally): number | undefined {
  if (arrivedAt === undefined) return undefined;
  return completedAt === undefined ? Infinity : Math.max(0, completedAt - arrivedAt);
}

/** Completions of the members that stayed long enough to be judged by them. */
export function completions(members: readonly MemberTally[]): number[] {
  return members.filter((one) => isLeecher(one.member) && !gaveUp(one))
    .flatMap((one) => completionOf(one) ?? []);
}

/** Whether it went before it was complete. */
export function gaveUp({ isGone, completedAt }: MemberTally): boolean {
  return isGone && completedAt === undefined;
}

/** ms from the first arrival of a leecher until the last is complete; Infinity: not all are. */
export function makespan(members: readonly MemberTally[]): number | undefined {
  const all = members.filter((one) =>
    isLeecher(one.member) && one.arrivedAt !== undefined && !gaveUp(one)
  );
  if (all.length === 0) return undefined;
  const first = Math.min(...all.map(({ arrivedAt }) => arrivedAt!));
  return Math.max(0, Math.max(...all.map(({ completedAt }) => completedAt ?? Infinity)) - first);
}

/** Time within which this share of the leechers is complete, each from its own arrival. */
export function withinOf(members: readonly MemberTally[], share: number): number | undefined {
  return quantile(completions(members), share);
}

/** The rates of a swarm, as the bounds take them. */
export function ratesOf({ record }: Tally): Rates {
  const leechers = record.members.filter(isLeecher);
  const seeds = record.members.filter((member) => !isLeecher(member));
  const up = ({ up = Infinity }: Member) => up;
  return {
    size: record.size,
    seeds: seeds.reduce((total, member) => total + up(member), 0),
    uplinks: leechers.map(up),
    slowestDownlink: Math.min(Infinity, ...leechers.map(({ down = Infinity }) => down)),
  };
}

export function boundP2p(tally: Tally): number | undefined {
  const rates = ratesOf(tally);
  return rates.uplinks.length === 0 || rates.seeds === 0 ? undefined : peerToPeerBound(rates);
}

export function boundClientServer(tally: Tally): number | undefined {
  const rates = ratesOf(tally);
  return rates.uplinks.length === 0 || rates.seeds === 0 ? undefined : clientServerBound(rates);
}

/** Only where one seed and all leechers have the same uplink. */
export function boundMakespan(tally: Tally): number | undefined {
  const { record } = tally;
  const { uplinks, seeds } = ratesOf(tally);
  const isEqual = uplinks.length > 0 && Number.isFinite(seeds) &&
    uplinks.every((one) => one === seeds);
  if (!isEqual) return undefined;
  return leastMakespan(record.size, seeds, record.pieces, uplinks.length);
}

/** Time until the leechers hold each piece at least once among them; undefined: never. */
export function transient({ record, members }: Tally): number | undefined {
  const leechers = new Set(record.members.filter(isLeecher).map(({ id }) => id));
  const held = new Set<number>();
  let first = Infinity;
  for (const id of leechers) first = Math.min(first, members.get(id)?.arrivedAt ?? Infinity);
  for (const event of record.events) {
    if (event.what !== "piece" || !leechers.has(event.who)) continue;
    held.add(event.piece);
    if (held.size === record.pieces) return event.t - Math.min(first, event.t);
  }
  return undefined;
}

/** Incomplete members that are there at a time. */
export function incompleteAt(members: readonly MemberTally[], t: number): number {
  return members.filter((one) =>
    isLeecher(one.member) && (one.completedAt === undefined || one.completedAt > t) &&
    one.presence.some(({ from, to }) => from <= t && t < to)
  ).length;
}
