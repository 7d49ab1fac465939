/**
 * Errors that nobody caught: told in a line each, and the program goes on.
 *
 * @module
 */
import { faultSentence } from "../protocol/mod.ts";
import { isExpected, sentenceOf } from "./base/exit_status.ts";

/** The same line is told no more often than this (ms). */
const AGAIN_MS = 60_000;
/** Different lines in that time: more would only push everything else off the screen. */
const MAX_LINES = 20;

/** Hears of errors that reach the runtime, in place of its ending the process, until disposed. */
export function catchFaults(listener: (fault: unknown) => void): Disposable {
  const stack = new AbortController();
  const { signal } = stack;
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    listener(event.reason);
  }, { signal });
  addEventListener("error", (event) => {
    event.preventDefault();
    listener(event.error);
  }, { signal });
  return { [Symbol.dispose]: () => stack.abort() };
}

/** What is told of such errors. */
export class FaultLines {
  /** When each line was told. */
  readonly #told = new Map<string, number>();

  /** The line for an error, unless it was told lately. Time in ms. */
  next(fault: unknown, now: number): string | undefined {
    const line = isExpected(fault) ? sentenceOf(fault) : faultSentence(fault);
    for (const [old, at] of this.#told) if (now - at >= AGAIN_MS) this.#told.delete(old);
    if (this.#told.has(line) || this.#told.size >= MAX_LINES) return undefined;
    this.#told.set(line, now);
    return line;
  }
}
