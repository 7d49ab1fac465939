/**
 * Counted steps: how often the blocks of our code were entered, which is the same in each run and on
 * each machine, where times are not.
 *
 * @module
 */
import { Session } from "node:inspector/promises";

/** What `startPreciseCoverage` and `takePreciseCoverage` speak of. */
interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}

const OURS = ["lab", "peer", "protocol", "tracker"].map((room) =>
  new URL(`../../../${room}/`, import.meta.url).href
);

/** Counts from its making on: calls, turns of loops, branches that were taken. */
export class CountedSteps implements Disposable {
  readonly #session = new Session();

  private constructor() {}

  /** To be made before the code that is counted has run. */
  static async start(): Promise<CountedSteps> {
    const counted = new CountedSteps();
    counted.#session.connect();
    await counted.#session.post("Profiler.enable");
    await counted.#session.post("Profiler.startPreciseCoverage", {
      ...{ callCount: true, detailed: true },
    });
    return counted;
  }

  /** Runs something; the steps that it took. */
  async of(run: () => void): Promise<number> {
    await this.#take();
    run();
    return await this.#take();
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  /** Steps since it was last asked. */
  async #take(): Promise<number> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage") as unknown as {
      result: readonly Script[];
    };
    let steps = 0;
    for (const { url, functions } of result) {
      if (!OURS.some((room) => url.startsWith(room))) continue;
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
    return steps;
  }
}
