/**
 * Work that nobody waits for at once: kept until it has ended, and its faults have an owner.
 *
 * @module
 */

/** What is told of an error that nobody expects. */
export type OnFault = (fault: unknown) => void;

/**
 * One owner's work beside everything else. Nothing of it reaches the runtime as a rejection that
 * nobody handles, which would end the process.
 */
export class BackgroundTasks {
  readonly #running = new Set<Promise<void>>();
  readonly #onFault: OnFault;

  /** @param onFault told of what fails; must not throw */
  constructor(onFault: OnFault) {
    // Called as what it is: the runtime's own `reportError` is no method.
    this.#onFault = (fault) => onFault(fault);
  }

  /** Keeps a promise until it settles. */
  run(work: Promise<unknown>): void {
    const done: Promise<void> = work.then(
      () => void this.#running.delete(done),
      (fault) => {
        this.#running.delete(done);
        this.#onFault(fault);
      },
    );
    this.#running.add(done);
  }

  /** Does something at once that must not throw into its caller: a timer, a loop, somebody else's. */
  guard(work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  /** One step after the other, also after one that fails. */
  async each(steps: readonly (() => unknown)[]): Promise<void> {
    for (const step of steps) {
      try {
        await step();
      } catch (fault) {
        this.#onFault(fault);
      }
    }
    await this.settled();
  }

  /** Resolves when everything that runs now has ended. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
