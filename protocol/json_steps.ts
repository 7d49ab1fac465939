/**
 * JSON of values that may be long, bit by bit.
 *
 * @module
 */
import type { Steps } from "./steps.ts";

/** Items of a list between two pauses. */
const ITEMS_PER_STEP = 256;

/**
 * As `JSON.stringify`, with pauses inside of plain objects and of lists; what stands inside a list is
 * written without one.
 */
export function* jsonSteps(value: unknown): Steps<string> {
  if (Array.isArray(value)) return yield* listSteps(value);
  if (typeof value !== "object" || value === null || "toJSON" in value) {
    return JSON.stringify(value) ?? "null";
  }
  const parts: string[] = [];
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined) continue;
    parts.push(`${JSON.stringify(key)}:${yield* jsonSteps(one)}`);
    yield;
  }
  return `{${parts.join(",")}}`;
}

function* listSteps(items: readonly unknown[]): Steps<string> {
  const parts: string[] = [];
  for (let at = 0; at < items.length; at += ITEMS_PER_STEP) {
    parts.push(JSON.stringify(items.slice(at, at + ITEMS_PER_STEP)).slice(1, -1));
    yield;
  }
  return `[${parts.join(",")}]`;
}
