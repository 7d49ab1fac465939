/**
 * Controls of the board: pause, half speed, the last minute once more, and the presentation.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Recorded, Replay } from "./board_replay.ts";
import { button, make, setAttribute, setText } from "../dom.ts";
import { Presentation } from "./presentation.ts";

/** A replay as far as its buttons go. */
type Player = Pick<
  Replay<Recorded>,
  "isPaused" | "isSlow" | "isLive" | "behind" | "pause" | "go" | "slow" | "again" | "seek" | "live"
>;

/** Buttons and a slider over a replay; `onchange` is told when another moment may be shown. */
export class BoardControls {
  readonly element: HTMLElement;
  readonly #replay: Player;
  readonly #pause: HTMLButtonElement;
  readonly #slow: HTMLButtonElement;
  readonly #live: HTMLButtonElement;
  readonly #slider: HTMLInputElement;
  readonly #said = make("output", { class: "when" });

  constructor(
    replay: Player,
    { onchange, onpresent }: { onchange: () => void; onpresent: (isOn: boolean) => void },
  ) {
    this.#replay = replay;
    const act = (change: (now: number) => void) => () => {
      change(performance.now());
      onchange();
    };
    this.#pause = button(
      "Pause",
      act((now) => replay.isPaused ? replay.go(now) : replay.pause(now)),
      { class: "pause" },
    );
    this.#slow = button("Half speed", act((now) => replay.slow(!replay.isSlow, now)));
    this.#live = button("Live", act(() => replay.live()));
    this.#slider = make("input", {
      type: "range",
      min: -60,
      max: 0,
      step: 1,
      value: 0,
      "aria-label": "Seconds ago",
      oninput: act((now) => replay.seek(-1000 * Number(this.#slider.value), now)),
    });
    const presentation = new Presentation(onpresent);
    this.element = make(
      "div",
      { class: "controls", role: "group", "aria-label": "What the board shows" },
      this.#pause,
      this.#slow,
      button("Last minute", act((now) => replay.again(now))),
      this.#slider,
      this.#said,
      this.#live,
      presentation.button,
    );
    addEventListener("keydown", (event) => {
      if (event.key !== " " || !presentation.isOn || event.target !== document.body) return;
      event.preventDefault();
      this.#pause.click();
    });
    this.show(0);
  }

  /** Shows where the replay stands at a time of the page's clock. */
  show(now: number): void {
    const replay = this.#replay;
    setText(this.#pause, replay.isPaused ? "Continue" : "Pause");
    setAttribute(this.#slow, "aria-pressed", String(replay.isSlow));
    setAttribute(this.#live, "aria-pressed", String(replay.isLive));
    const behind = Math.round(replay.behind(now) / 1000);
    const value = String(-Math.min(60, behind));
    if (this.#slider.value !== value) this.#slider.value = value;
    setText(this.#said, replay.isLive ? "now" : `${behind} s ago`);
  }
}
