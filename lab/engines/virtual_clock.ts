/**
 * The clock of one virtual host. Whatever it calls is called in virtual time.
 *
 * @module
 */
import type { Clock } from "../../peer/lab.ts";
import type { VirtualTime } from "../virtual/virtual_time.ts";
import type { VirtualHost } from "./virtual_host.ts";

/** The time at which every run begins, in ms since the epoch. */
const EPOCH = 1_700_000_000_000;

/** See the module. */
export class VirtualClock implements Clock {
  readonly #time: VirtualTime;
  readonly #host: VirtualHost;

  constructor(time: VirtualTime, host: VirtualHost) {
    this.#time = time;
    this.#host = host;
  }

  now(): number {
    return EPOCH + this.#time.now;
  }

  after(ms: number, run: () => void): Disposable {
    let isOff = false;
    this.#time.after(ms, () => {
      if (isOff) return;
      this.#host.run(() => {
        if (!isOff) run();
      });
    });
    return { [Symbol.dispose]: () => void (isOff = true) };
  }

  every(ms: number, run: () => void): Disposable {
    let isOff = false;
    // Who was stopped in the middle is called once when it goes on, however often it was due.
    let isWaiting = false;
    const next = (): void => {
      this.#time.after(ms, () => {
        if (isOff || this.#host.isDead) return;
        next();
        if (isWaiting) return;
        isWaiting = true;
        this.#host.run(() => {
          isWaiting = false;
          if (!isOff) run();
        });
      });
    };
    next();
    return { [Symbol.dispose]: () => void (isOff = true) };
  }

  timeout(ms: number): AbortSignal {
    const ending = new AbortController();
    this.after(ms, () => ending.abort(new DOMException("Signal timed out.", "TimeoutError")));
    return ending.signal;
  }
}
