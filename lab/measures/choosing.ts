/**
 * Measures of choosing: whom members unchoke, want and ban, and how often they call a tracker that
 * does not answer.
 *
 * @module
 */
import { median, quantile } from "./statistics.ts";
import { isLeecher, type MemberTally, type Tally, type Unchoking } from "./tally.ts";

/** Whether an unchoking was earned by the peer's rate. */
export function isRegular({ why }: Unchoking): boolean {
  return why.startsWith("regular");
}

/** Whether it was given for a try. */
export function isOptimistic({ why }: Unchoking): boolean {
  return why.startsWith("optimistic");
}

/**
 * Legout's entropy: time that one wants the other ÷ time together.
 *
 * @param share of the pairs that have this or less; 0.5: the median
 */
export function interest({ together }: Tally, share: number): number | undefined {
  // Those that met for a moment say nothing of what they had for each other.
  const long = [...together.values()].filter(({ connected }) => connected >= 10_000);
  return quantile(long.map(({ connected, wanted }) => wanted / connected), share);
}

/** Others that a member learnt of from this source before any other told it of them. */
export function foundBy({ foundFirst }: MemberTally, source: string): number {
  return [...foundFirst.values()].filter((by) => by === source).length;
}

/** The span of an unchoking during which both were incomplete leechers: ms. */
export function timeAmongLeechers(tally: Tally, { who, whom, from, to }: Unchoking): number {
  const a = tally.members.get(who);
  const b = tally.members.get(whom);
  if (a === undefined || b === undefined) return 0;
  if (!isLeecher(a.member) || !isLeecher(b.member)) return 0;
  return Math.max(0, Math.min(to, a.completedAt ?? to, b.completedAt ?? to) - from);
}

/** Regular unchoke time within the own class ÷ what chance would give; classes are groups. */
export function clustering(tally: Tally): number | undefined {
  const leechers = tally.record.members.filter(isLeecher);
  const sizes = new Map<string, number>();
  for (const { name } of leechers) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  if (sizes.size < 2) return undefined;
  let within = 0;
  let byChance = 0;
  for (const unchoking of tally.unchokings) {
    if (!isRegular(unchoking)) continue;
    const time = timeAmongLeechers(tally, unchoking);
    if (time === 0) continue;
    const name = tally.members.get(unchoking.who)!.member.name;
    if (tally.members.get(unchoking.whom)!.member.name === name) within += time;
    byChance += time * (sizes.get(name)! - 1) / (leechers.length - 1);
  }
  return byChance === 0 ? undefined : within / byChance;
}

/** Most peers that it had unchoked at once for their rate. */
export function regularMost(tally: Tally, { member }: MemberTally): number {
  const steps: [t: number, by: number][] = [];
  for (const unchoking of tally.unchokings) {
    if (unchoking.who !== member.id || !isRegular(unchoking)) continue;
    // What changes within a choke round changes at one moment: ends count before starts.
    if (unchoking.to > unchoking.from) steps.push([unchoking.from, 1], [unchoking.to, -1]);
  }
  steps.sort(([a, x], [b, y]) => a - b || x - y);
  let now = 0;
  let most = 0;
  for (const [, by] of steps) most = Math.max(most, now += by);
  return most;
}

/** Median time between two optimistic turns; undefined: it gave less than two. */
export function optimisticGap(tally: Tally, { member }: MemberTally): number | undefined {
  const turns = tally.unchokings.filter((one) => one.who === member.id && isOptimistic(one))
    .map(({ from }) => from).sort((a, b) => a - b);
  // Rounds are whole seconds apart, which sums of seconds and fractions miss by a billionth.
  return median(turns.slice(1).map((at, index) => Math.round(at - turns[index]!)));
}

/** Waits of the announce schedule after failures, in s (`peer/trackers/announce_schedule.ts`). */
const RETRIES = [5, 10, 20, 40, 60];

/** Of the longest run of announces without an answer: gaps, from the first, that keep to the schedule. */
export function retryGaps({ announces }: MemberTally): number | undefined {
  let best: number[] | undefined;
  let run: number[] = [];
  for (const { t, isAnswered } of announces) {
    if (isAnswered) run = [];
    else run.push(t);
    if (run.length > (best?.length ?? 0)) best = [...run];
  }
  if (best === undefined) return undefined;
  const gaps = best.slice(1).map((at, index) => (at - best[index]!) / 1000);
  const wrong = RETRIES.findIndex((wait, index) => {
    const gap = gaps[index];
    // The engine looks at its schedule once a second.
    return gap === undefined || gap < 0.75 * wait || gap > 1.25 * wait + 2;
  });
  return wrong < 0 ? RETRIES.length : wrong;
}
