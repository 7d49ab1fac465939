/**
 * Explain mode of a tracker. Regular announces are told only while somebody wants to hear of them.
 *
 * @module
 */
import type { Tracker } from "../../tracker/mod.ts";
import { narrateTracker } from "../view/tracker_sentences.ts";
import type { Screen } from "../terminal/screen.ts";
import { explainedLine } from "./explain_lines.ts";
import { explainTracker } from "./tracker_words.ts";

/** Follows a tracker's events: tells them, or explains them. */
export class TrackerExplaining implements Disposable {
  readonly #tracker: Tracker;
  readonly #screen: Screen;
  #on: boolean;
  #subscription: Disposable;

  constructor(tracker: Tracker, screen: Screen, on: boolean) {
    this.#tracker = tracker;
    this.#screen = screen;
    this.#on = on;
    this.#subscription = this.#follow();
  }

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    if (on === this.#on) return;
    this.#on = on;
    this.#subscription[Symbol.dispose]();
    this.#subscription = this.#follow();
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #follow(): Disposable {
    const screen = this.#screen;
    const explains = this.#on && !screen.json;
    // A tracker that tells nobody of its announces need not describe them.
    if (!explains && !screen.tells) return { [Symbol.dispose]: () => {} };
    return this.#tracker.subscribe((event) => {
      const line = explains ? explainTracker(event, Date.now()) : undefined;
      screen.event(event, line === undefined ? narrateTracker(event) : undefined);
      if (line !== undefined) {
        screen.explain(explainedLine(line, screen.look("stderr")), () => ({}));
      }
    }, { regular: explains || screen.json || screen.log !== undefined });
  }
}
