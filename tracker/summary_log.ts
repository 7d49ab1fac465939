/**
 * One line now and then about what a tracker did, for its log.
 *
 * @module
 */
import type { MaybePromise } from "./contract/maybe_promise.ts";
import type { TrackerEvent, TrackerStats } from "./contract/snapshot.ts";

/** The numbers of a summary. */
export type Summary = Extract<TrackerEvent, { event: "summary" }>;

/** Tells every so often what happened since the last time; silent where nothing did. */
export class SummaryLog implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #last: { announces: number; scrapes: number; failures: number };

  /** @param everyMs ms between two lines */
  constructor(
    stats: () => MaybePromise<TrackerStats>,
    emit: (summary: Summary) => void,
    everyMs: number,
    onFault: (fault: unknown) => void,
  ) {
    this.#last = { announces: 0, scrapes: 0, failures: 0 };
    const tell = ({ announces, scrapes, errors, seeders, leechers, swarms }: TrackerStats) => {
      const failures = errors.refused + errors.internal;
      const last = this.#last;
      this.#last = { announces, scrapes, failures };
      const summary: Summary = {
        event: "summary",
        seconds: Math.round(everyMs / 1000),
        announces: announces - last.announces,
        scrapes: scrapes - last.scrapes,
        failures: failures - last.failures,
        swarms,
        seeders,
        leechers,
      };
      if (summary.announces + summary.scrapes + summary.failures > 0) emit(summary);
    };
    this.#timer = setInterval(() => {
      try {
        const answer = stats();
        // A store that is away is told of elsewhere; its numbers come when it is back.
        if (answer instanceof Promise) answer.then(tell, () => {}).catch(onFault);
        else tell(answer);
      } catch (fault) {
        onFault(fault);
      }
    }, everyMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
