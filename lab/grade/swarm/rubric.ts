/**
 * Points: which part of which check gives how many, in which category of the task sheet.
 *
 * @module
 */
import type { Verdict } from "./check.ts";

/** One line of a rubric. */
export interface RubricRow {
  readonly part: string;
  readonly category: string;
  readonly points: number;
  /** Points at most where all runs on one host: what such a run cannot show costs the rest. */
  readonly onOneHost?: number;
}

/** A way to give points. */
export interface Rubric {
  readonly name: string;
  readonly rows: readonly RubricRow[];
  /** Categories that a person marks: name → points. */
  readonly byHand: Readonly<Record<string, number>>;
  /** Points that each help costs, and in which category. */
  readonly help: { readonly category: string; readonly points: number };
}

/** The course that the program is named after: 15, 30, 15, 20, 10, 10. */
export const CO3093: Rubric = {
  name: "co3093",
  rows: [
    { part: "S1", category: "tracker", points: 5 },
    { part: "S7", category: "tracker", points: 2 },
    { part: "S7b", category: "tracker", points: 2 },
    { part: "S8", category: "tracker", points: 3 },
    { part: "S8b", category: "tracker", points: 3 },
    { part: "S1", category: "download", points: 12 },
    { part: "S9a", category: "download", points: 2 },
    { part: "S9b", category: "download", points: 2 },
    { part: "S9c", category: "download", points: 2 },
    { part: "S9d", category: "download", points: 2 },
    { part: "S10", category: "download", points: 4 },
    { part: "S10b", category: "download", points: 1, onOneHost: 0 },
    { part: "S11", category: "download", points: 3 },
    { part: "S11b", category: "download", points: 2 },
    { part: "S2", category: "upload", points: 4 },
    { part: "S2b", category: "upload", points: 4, onOneHost: 4 },
    { part: "S3", category: "upload", points: 7 },
    { part: "S4", category: "hosts", points: 14, onOneHost: 8 },
    { part: "S4b", category: "hosts", points: 6, onOneHost: 0 },
    { part: "S5", category: "several", points: 5 },
    { part: "S6", category: "several", points: 5, onOneHost: 5 },
    { part: "S12", category: "advanced", points: 3 },
    { part: "S13", category: "advanced", points: 3 },
    { part: "S14", category: "advanced", points: 4, onOneHost: 0 },
  ],
  byHand: {},
  help: { category: "hosts", points: 2 },
};

/** A rubric file that cannot be used. */
export class RubricError extends Error {
  override name = "RubricError";
}

/**
 * A rubric of a teacher's own: `{"name": …, "points": {"hosts": {"S4": 14}}, "byHand": {"report": 10},
 * "help": {"hosts": 2}}`.
 *
 * @param parts that exist
 * @throws {RubricError}
 */
export function readRubric(value: unknown, path: string, parts: readonly string[]): Rubric {
  const fail = (says: string): never => {
    throw new RubricError(`${path}: ${says}`);
  };
  const object = (value: unknown, what: string): Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : fail(`${what} is an object`);
  const points = (value: unknown, what: string): number =>
    typeof value === "number" && value >= 0 && value <= 1000
      ? value
      : fail(`${what} is 0 to 1000 points`);
  const root = object(value, "a rubric");
  for (const key of Object.keys(root)) {
    if (!["name", "points", "byHand", "help"].includes(key)) {
      fail(`a rubric has no key "${key}" (name, points, byHand, help)`);
    }
  }
  const rows: RubricRow[] = [];
  for (const [category, of] of Object.entries(object(root.points, `"points"`))) {
    for (const [part, value] of Object.entries(object(of, `"${category}"`))) {
      if (!parts.includes(part)) fail(`there is no part ${part} (${parts.join(", ")})`);
      const oneHost = CO3093.rows.find((row) => row.part === part && row.onOneHost !== undefined);
      const worth = points(value, `"${part}"`);
      rows.push({
        part,
        category,
        points: worth,
        ...(oneHost === undefined
          ? {}
          : { onOneHost: worth * oneHost.onOneHost! / oneHost.points }),
      });
    }
  }
  if (rows.length === 0) fail(`"points" gives none`);
  const byHand = Object.fromEntries(
    Object.entries(object(root.byHand ?? {}, `"byHand"`)).map((
      [name, value],
    ) => [name, points(value, `"${name}"`)]),
  );
  const help = Object.entries(object(root.help ?? {}, `"help"`))[0];
  return {
    name: typeof root.name === "string" ? root.name : "own",
    rows,
    byHand,
    help: help === undefined
      ? { category: rows[0]!.category, points: 0 }
      : { category: help[0], points: points(help[1], `"${help[0]}"`) },
  };
}

/** Points of one category. */
export interface CategoryScore {
  readonly category: string;
  readonly points: number;
  readonly of: number;
  /** Points about which nothing could be told: a person decides. */
  readonly open: number;
}

/** All points. */
export interface Score {
  readonly points: number;
  readonly of: number;
  readonly open: number;
  readonly categories: readonly CategoryScore[];
  readonly byHand: Readonly<Record<string, number>>;
}

/** What a part came to, for points. */
export interface PartVerdict {
  readonly id: string;
  readonly verdict: Verdict;
  readonly free?: boolean;
}

/** Points of one part, over all rows. */
export function pointsOf(
  rubric: Rubric,
  part: PartVerdict,
  oneHost: boolean,
): { points: number; of: number; open: number } {
  let [points, of, open] = [0, 0, 0];
  for (const row of rubric.rows) {
    if (row.part !== part.id) continue;
    const most = oneHost ? row.onOneHost ?? row.points : row.points;
    of += row.points;
    if (part.verdict === "passed" || (part.verdict === "cannot tell" && part.free)) points += most;
    else if (part.verdict === "flaky") points += most / 2;
    else if (part.verdict === "cannot tell") open += most;
  }
  return { points, of, open };
}

/** Adds up. Only parts that were asked for count. */
export function score(
  rubric: Rubric,
  parts: readonly PartVerdict[],
  helps: number,
  oneHost: boolean,
): Score {
  const names = [...new Set(rubric.rows.map(({ category }) => category))];
  const asked = new Set(parts.map(({ id }) => id));
  const categories = names.map((category): CategoryScore => {
    const rows = rubric.rows.filter((row) => row.category === category && asked.has(row.part));
    let [points, of, open] = [0, 0, 0];
    for (const part of parts) {
      const own = pointsOf({ ...rubric, rows }, part, oneHost);
      [points, of, open] = [points + own.points, of + own.of, open + own.open];
    }
    if (category === rubric.help.category) {
      points = Math.max(0, points - helps * rubric.help.points);
    }
    return { category, points, of, open };
  }).filter(({ of }) => of > 0);
  const sum = (of: (one: CategoryScore) => number) =>
    categories.reduce((total, one) => total + of(one), 0);
  return {
    points: sum(({ points }) => points),
    of: sum(({ of }) => of),
    open: sum(({ open }) => open),
    categories,
    byHand: rubric.byHand,
  };
}
