/**
 * Presentation: the board alone in the window, large, and the whole screen where the browser grants
 * it. `#present` behind the address opens it at once, in the window.
 *
 * @module
 */
/// <reference lib="dom" />
import { button, setText } from "../dom.ts";

const MARK = "#present";

/** The view and the button that enters and leaves it; Escape leaves it too. */
export class Presentation {
  readonly button: HTMLButtonElement;
  readonly #onchange: (isOn: boolean) => void;
  #isOn = false;

  /** @param onchange told after the page looks otherwise */
  constructor(onchange: (isOn: boolean) => void) {
    this.#onchange = onchange;
    this.button = button("Present", () => this.#set(!this.#isOn), { class: "present" });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#set(false));
    // The browser takes Escape for itself there.
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement === null) this.#set(false);
    });
    addEventListener("hashchange", () => location.hash === MARK && this.#set(true));
    if (location.hash === MARK) queueMicrotask(() => this.#set(true));
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  #set(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    document.body.classList.toggle("presenting", isOn);
    setText(this.button, isOn ? "Leave" : "Present");
    if (isOn) void document.documentElement.requestFullscreen?.().catch(() => {});
    else {
      if (document.fullscreenElement !== null) void document.exitFullscreen().catch(() => {});
      if (location.hash === MARK) history.replaceState(null, "", location.pathname);
    }
    this.#onchange(isOn);
  }
}
