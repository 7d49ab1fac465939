/**
 * Sorting with pauses: to sort a hundred thousand texts at once takes longer than anybody should wait.
 *
 * @module
 */
import type { Steps } from "./steps.ts";

/** Items that are sorted or merged between two pauses. */
const ITEMS_PER_STEP = 512;

/** A sorted copy; what compares as equal keeps its order. */
export function* sortSteps<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += ITEMS_PER_STEP) {
    runs.push(items.slice(at, at + ITEMS_PER_STEP).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(i + 1 < runs.length ? yield* merge(runs[i]!, runs[i + 1]!, compare) : runs[i]!);
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(a: T[], b: T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    merged.push(compare(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!);
    if (merged.length % ITEMS_PER_STEP === 0) yield;
  }
  while (i < a.length || j < b.length) {
    merged.push(i < a.length ? a[i++]! : b[j++]!);
    if (merged.length % ITEMS_PER_STEP === 0) yield;
  }
  return merged;
}
