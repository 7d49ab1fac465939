/**
 * What holds in every run of the virtual world, whatever happens in it.
 *
 * @module
 */
import { MIN_INTERVAL_MS } from "../../../peer/peers/dial_schedule.ts";
import { BLOCK_LENGTH } from "../../../protocol/piece_layout.ts";
import type { RunRecord } from "../../../lab/run/run_record.ts";
import type { RunPlan } from "../../../lab/scenario/run_plan.ts";
import { AGAIN_MS } from "../../../lab/virtual/dial_queue.ts";
import { isLiar } from "./random_plan.ts";

/** Share of what a swarm takes that may come twice, and blocks that may besides: tails are short. */
const TWICE = { share: 0.01, blocks: 4 };
/** ms between two tries of a tracker that does not answer, at least. */
const LEAST_WAIT = 3000;

/** What was broken, in sentences; empty where all is well. */
export function brokenIn(plan: RunPlan, record: RunRecord): string[] {
  return [
    ...incomplete(plan, record),
    ...bannedHonest(plan, record),
    ...cameTwice(plan, record),
    ...madeUp(record),
    ...announcedTooOften(plan, record),
    ...dialledTooOften(plan, record),
  ];
}

function incomplete({ members }: RunPlan, { events, endedAt }: RunRecord): string[] {
  const done = new Set<string>();
  for (const event of events) if (event.what === "completed") done.add(event.who);
  return members
    .filter(({ stay, haveAtStart }) => stay.until === "end" && haveAtStart < 1)
    .filter(({ id }) => !done.has(id))
    .map(({ id }) => `${id} is not complete after ${(endedAt / 1000).toFixed(0)} s`);
}

function bannedHonest({ members }: RunPlan, { events }: RunRecord): string[] {
  const liars = new Set(members.filter(isLiar).map(({ id }) => id));
  const broken = new Set<string>();
  for (const event of events) {
    if (event.what === "banned" && !liars.has(event.whom)) {
      broken.add(`${event.who} banned ${event.whom}, who is honest`);
    }
  }
  return [...broken];
}

function cameTwice({ members }: RunPlan, { events }: RunRecord): string[] {
  // Who asks by BEP 3 alone, or was killed with requests out, wastes more; and what a liar spoils.
  const counted = new Set(
    members.filter(({ policies }) => policies.profile === "full").map(({ id }) => id),
  );
  let taken = 0;
  let twice = 0;
  let ends = 0;
  for (const event of events) {
    if (event.what === "disconnected" || event.what === "failed") ends++;
    if (event.what !== "block" || !counted.has(event.to)) continue;
    taken += event.length;
    if (event.isDuplicate) twice += event.length;
  }
  const allowed = TWICE.share * taken + TWICE.blocks * BLOCK_LENGTH * counted.size;
  return twice > allowed + ends * BLOCK_LENGTH
    ? [`${(100 * twice / taken).toFixed(2)} % came twice (${twice / BLOCK_LENGTH} blocks)`]
    : [];
}

/** A piece is made of blocks that arrived since it failed last. */
function madeUp({ events, pieceLength, pieces, size }: RunRecord): string[] {
  const came = new Map<string, number>();
  for (const event of events) {
    if (event.what === "block" && !event.isDuplicate) {
      const key = `${event.to} ${event.piece}`;
      came.set(key, (came.get(key) ?? 0) + event.length);
    }
    if (event.what === "failed") came.delete(`${event.who} ${event.piece}`);
    if (event.what !== "piece" || event.isStart) continue;
    const isLast = event.piece === pieces - 1;
    const length = isLast ? size - pieceLength * (pieces - 1) : pieceLength;
    const got = came.get(`${event.who} ${event.piece}`) ?? 0;
    if (got < length) return [`${event.who} owns piece ${event.piece} after ${got} bytes of it`];
  }
  return [];
}

function announcedTooOften({ tracker, members }: RunPlan, { events }: RunRecord): string[] {
  const magnets = new Set(members.filter(({ isMagnet }) => isMagnet).map(({ id }) => id));
  const last = new Map<string, { t: number; isAnswered: boolean }>();
  const handedOver = new Set<string>();
  for (const event of events) {
    if (event.what === "arrived") {
      last.delete(event.who);
      handedOver.delete(event.who);
    }
    if (event.what !== "announced") continue;
    const before = last.get(event.who);
    last.set(event.who, event);
    if (before === undefined) continue;
    // These are said when they happen, whatever was said before.
    if (event.event === "completed" || event.event === "stopped") continue;
    const least = before.isAnswered ? tracker.interval : LEAST_WAIT;
    if (event.t - before.t < least - 1) {
      // A link that has become a torrent says for the first time what is left.
      if (magnets.has(event.who) && !handedOver.has(event.who)) {
        handedOver.add(event.who);
        continue;
      }
      return [`${event.who} announced ${(event.t - before.t).toFixed(0)} ms after the last time`];
    }
  }
  return [];
}

/** Nobody is called more often than the schedule of whoever calls says, whatever came of the calls. */
function dialledTooOften({ depth, members }: RunPlan, { events }: RunRecord): string[] {
  const least = depth === "engine" ? MIN_INTERVAL_MS : AGAIN_MS;
  const magnets = new Set(members.filter(({ isMagnet }) => isMagnet).map(({ id }) => id));
  const last = new Map<string, Map<string, number>>();
  const handedOver = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.what === "arrived") {
      last.set(event.who, new Map());
      handedOver.set(event.who, new Set());
    }
    if (event.what !== "dialled") continue;
    const { t, who, whom } = event;
    const before = last.get(who)!.get(whom);
    last.get(who)!.set(whom, t);
    if (before !== undefined && t - before < least - 1) {
      // A link that has become a torrent calls for the first time whom it had called as a link.
      if (magnets.has(who) && !handedOver.get(who)!.has(whom)) {
        handedOver.get(who)!.add(whom);
        continue;
      }
      return [`${who} called ${whom} ${(t - before).toFixed(0)} ms after the last time`];
    }
  }
  return [];
}
