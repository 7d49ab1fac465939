/**
 * Explanations on demand: by pointer, by keyboard, by touch, and for screen readers.
 *
 * @module
 */
/// <reference lib="dom" />
import { make } from "./dom.ts";

/** Where a tip points to, CSS px in the window. */
export interface Anchor {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const GAP = 8;

let tip: HTMLElement | undefined;
let owner: unknown;
let anchored: (() => Anchor) | undefined;
let described = 0;

/** Shows lines at a place, the first as a title; `by` is who may take it away again. */
export function showTip(by: unknown, anchor: () => Anchor, lines: readonly string[]): void {
  owner = by;
  anchored = anchor;
  const box = tip ??= makeTip();
  box.replaceChildren(...lines.map((line, at) => make(at === 0 ? "strong" : "p", {}, line)));
  box.hidden = false;
  place(box, anchor());
}

function place(box: HTMLElement, anchor: Anchor): void {
  const { offsetWidth: width, offsetHeight: height } = box;
  const middle = (anchor.left + anchor.right) / 2 - width / 2;
  const left = Math.max(GAP, Math.min(innerWidth - width - GAP, middle));
  const below = anchor.bottom + GAP;
  const top = below + height <= innerHeight ? below : Math.max(GAP, anchor.top - GAP - height);
  box.style.left = `${Math.round(left)}px`;
  box.style.top = `${Math.round(top)}px`;
}

/** Takes the tip away, if it is still the one of `by`. */
export function hideTip(by: unknown): void {
  if (tip === undefined || owner !== by) return;
  tip.hidden = true;
  owner = undefined;
}

function makeTip(): HTMLElement {
  // Screen readers get the same by aria-describedby.
  const box = make("div", { class: "tip", "aria-hidden": "true" });
  document.body.append(box);
  addEventListener("keydown", ({ key }) => key === "Escape" && hideTip(owner));
  const follow = () => owner !== undefined && anchored !== undefined && place(box, anchored());
  addEventListener("scroll", follow, { capture: true, passive: true });
  return box;
}

/** A word that says what it means when it is pointed at, focused or tapped. */
export function explained(word: string, meaning: string, look = "term"): HTMLElement {
  const id = `meaning-${++described}`;
  const show = () => showTip(button, () => button.getBoundingClientRect(), [word, meaning]);
  const hide = () => hideTip(button);
  const button: HTMLButtonElement = make(
    "button",
    {
      type: "button",
      class: look,
      "aria-describedby": id,
      onpointerenter: show,
      onfocus: show,
      onclick: show,
      onpointerleave: () => document.activeElement !== button && hide(),
      onblur: hide,
    },
    word,
  );
  return make("span", {}, button, make("span", { id, hidden: true }, meaning));
}
