/**
 * JSON of values that may be long, bit by bit.
 *
 * @module
 */
import { concatBytes } from "./concat_bytes.ts";
import type { Steps } from "./steps.ts";

/** Items of a list between two pauses. */
const ITEMS_PER_STEP = 256;

/**
 * As `JSON.stringify`, with pauses inside of plain objects and of lists; what stands inside a list is
 * written without one.
 */
export function* jsonSteps(value: unknown): Steps<string> {
  const parts: string[] = [];
  yield* writeSteps(value, (text) => parts.push(text));
  return parts.join("");
}

/** The same in UTF-8: to encode a long text takes about as long as to write it. */
export function* jsonBytesSteps(value: unknown): Steps<Uint8Array> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  yield* writeSteps(value, (text) => parts.push(encoder.encode(text)));
  return concatBytes(parts);
}

function* writeSteps(value: unknown, put: (text: string) => void): Steps<void> {
  if (Array.isArray(value)) return yield* writeList(value, put);
  if (typeof value !== "object" || value === null || "toJSON" in value) {
    return put(JSON.stringify(value) ?? "null");
  }
  let before = "{";
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined) continue;
    put(`${before}${JSON.stringify(key)}:`);
    before = ",";
    yield* writeSteps(one, put);
    yield;
  }
  put(before === "{" ? "{}" : "}");
}

function* writeList(items: readonly unknown[], put: (text: string) => void): Steps<void> {
  for (let at = 0; at < items.length; at += ITEMS_PER_STEP) {
    const json = JSON.stringify(items.slice(at, at + ITEMS_PER_STEP)).slice(1, -1);
    put(at === 0 ? `[${json}` : `,${json}`);
    yield;
  }
  put(items.length === 0 ? "[]" : "]");
}
