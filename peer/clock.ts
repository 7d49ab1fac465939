/**
 * Clock: time as the engine reads it and waits for it. The lab has one that jumps from event to event.
 *
 * @module
 */

/** All times in ms. What is called by it must not throw. */
export interface Clock {
  /** ms since the epoch, never going back. */
  now(): number;
  /** Calls once, `ms` from now, unless it is disposed before. */
  after(ms: number, run: () => void): Disposable;
  /** Calls every `ms` until it is disposed. */
  every(ms: number, run: () => void): Disposable;
  /** Aborted with a `TimeoutError` `ms` from now. */
  timeout(ms: number): AbortSignal;
}
