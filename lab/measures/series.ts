/**
 * Series: measures over the time of a run, for figures.
 *
 * @module
 */
import { isLeecher, type MemberTally, type Tally } from "./tally.ts";

export type Point = readonly [t: number, value: number];

/** Points that a series keeps at most: more than a screen is wide tells no more. */
const MOST_POINTS = 600;

/** The share of these leechers that is complete, as steps. */
export function completionSteps(members: readonly MemberTally[], endedAt: number): Point[] {
  const leechers = members.filter(({ member }) => isLeecher(member));
  const times = leechers.flatMap(({ completedAt }) => completedAt ?? []).sort((a, b) => a - b);
  const steps = times.map((t, index): Point => [t, (index + 1) / leechers.length]);
  return [[0, 0], ...steps, [endedAt, times.length / Math.max(1, leechers.length)]];
}

/** Members that are there and incomplete, as steps. */
export function populationSteps({ record, members }: Tally): Point[] {
  const changes: [t: number, by: number][] = [];
  for (const { member, presence, completedAt = Infinity } of members.values()) {
    if (!isLeecher(member)) continue;
    for (const { from, to } of presence) {
      if (from >= completedAt) continue;
      changes.push([from, 1], [Math.min(to, completedAt), -1]);
    }
  }
  changes.sort(([a], [b]) => a - b);
  let now = 0;
  const steps = changes.filter(([t]) => t < record.endedAt)
    .map(([t, by]): Point => [t, now += by]);
  return thinned([[0, 0], ...steps, [record.endedAt, now]]);
}

/** Copies of each piece among the leechers that are there: least, mean and most. */
export function copiesOverTime({ record, members }: Tally): {
  least: Point[];
  mean: Point[];
  most: Point[];
} {
  const copies = new Uint32Array(record.pieces);
  const held = new Map<string, Set<number>>();
  const steps: { least: Point[]; mean: Point[]; most: Point[] } = { least: [], mean: [], most: [] };
  const gap = Math.max(1, record.endedAt / MOST_POINTS);
  let next = 0;
  let total = 0;
  const note = (t: number) => {
    let least = Infinity;
    let most = 0;
    for (const count of copies) {
      least = Math.min(least, count);
      most = Math.max(most, count);
    }
    steps.least.push([t, least]);
    steps.mean.push([t, total / record.pieces]);
    steps.most.push([t, most]);
  };
  for (const event of record.events) {
    while (event.t >= next) {
      note(next);
      next += gap;
    }
    if (event.what === "piece") {
      const member = members.get(event.who)?.member;
      if (member === undefined || !isLeecher(member)) continue;
      let pieces = held.get(event.who);
      if (pieces === undefined) held.set(event.who, pieces = new Set());
      if (pieces.has(event.piece)) continue;
      pieces.add(event.piece);
      copies[event.piece]!++;
      total++;
    } else if (event.what === "left" || event.what === "killed") {
      for (const piece of held.get(event.who) ?? []) {
        copies[piece]!--;
        total--;
      }
      held.delete(event.who);
    }
  }
  note(record.endedAt);
  return steps;
}

/** The share of the leechers' uplinks in use, in slices of time. */
export function uplinkSlices({ record, members }: Tally): Point[] {
  const leechers = [...members.values()].filter(({ member }) => isLeecher(member));
  const slices = 80;
  const width = record.endedAt / slices;
  if (width <= 0 || leechers.some(({ member }) => member.up === undefined)) return [];
  const could = new Float64Array(slices);
  for (const { member, presence } of leechers) {
    for (const { from, to } of presence) {
      for (let slice = Math.floor(from / width); slice < Math.min(slices, to / width); slice++) {
        const span = Math.min(to, (slice + 1) * width) - Math.max(from, slice * width);
        could[slice]! += member.up! * Math.max(0, span) / 1000;
      }
    }
  }
  const ids = new Set(leechers.map(({ member }) => member.id));
  const gave = new Float64Array(slices);
  for (const event of record.events) {
    if (event.what !== "block" || !ids.has(event.from)) continue;
    gave[Math.min(slices - 1, Math.floor(event.t / width))]! += event.length;
  }
  return Array.from(could, (bytes, slice): Point => [
    (slice + 0.5) * width,
    bytes === 0 ? 0 : gave[slice]! / bytes,
  ]);
}

/** How often something has happened, as steps. */
export function countSteps(times: readonly number[], endedAt: number): Point[] {
  return thinned([
    [0, 0],
    ...times.map((t, index): Point => [t, index + 1]),
    [endedAt, times.length],
  ]);
}

function thinned(points: readonly Point[]): Point[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}
