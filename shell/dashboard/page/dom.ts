/**
 * Elements from values. What peers and torrents call themselves only ever becomes text.
 *
 * @module
 */
/// <reference lib="dom" />

/** Attributes, listeners behind `on`, and properties of an element. */
export interface Props {
  readonly [name: string]:
    | string
    | number
    | boolean
    | undefined
    | ((event: Event) => void);
}

/** An element with what is in it; a string is text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** The element with an ID that the page's HTML has. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** Sets text only where it is another: a reader's place and selection stay. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute only where it is another. */
export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Whether the program answers; what was shown is grey while it does not. */
export function showConnection(problem: string | undefined): void {
  const place = byId("connection");
  setText(place, problem ?? "Connected");
  place.classList.toggle("bad", problem !== undefined);
  place.classList.toggle("good", problem === undefined);
  document.body.classList.toggle("stale", problem !== undefined);
}

/** The numbers at the top. */
export function showTotals(facts: readonly (readonly [name: string, value: string])[]): void {
  const place = byId("totals");
  if (place.childElementCount !== facts.length) {
    place.replaceChildren(
      ...facts.map(([name]) => make("span", {}, `${name} `, make("b", {}))),
    );
  }
  for (const [at, [, value]] of facts.entries()) {
    setText(place.children[at]!.querySelector("b")!, value);
  }
}

/** A button that does one thing. */
export function button(
  text: string,
  onclick: (event: Event) => void,
  props: Props = {},
): HTMLButtonElement {
  return make("button", { type: "button", ...props, onclick }, text);
}

/** ms that a message stays: a good one is seen in passing, a bad one is to be read. */
const NOTE_MS = { good: 5000, bad: 12_000 };
/** Messages that are seen at once; the oldest gives way. */
const MAX_NOTES = 4;

/** Something to be told: it is read out, and goes by itself unless somebody is at it. */
export function note(text: string, kind: "good" | "bad" = "bad"): void {
  const place = byId("notes");
  // The same once more, after a second click, says nothing new.
  if ([...place.children].some((one) => one.firstChild?.textContent === text)) return;
  const line = make("p", { class: `note ${kind}` }, text);
  const close = button("Close", () => line.remove(), { "aria-label": `Close: ${text}` });
  line.append(" ", close);
  while (place.childElementCount >= MAX_NOTES) place.firstElementChild!.remove();
  // What a dialog covers is not seen: messages lie above it.
  place.setAttribute("popover", "manual");
  place.hidePopover();
  place.append(line);
  place.showPopover();
  const leave = () => {
    if (line.matches(":hover, :focus-within")) setTimeout(leave, 1000);
    else line.remove();
  };
  setTimeout(leave, NOTE_MS[kind]);
}

/** A canvas that is sharp on its screen, and its drawing area in CSS pixels. */
export function fitCanvas(
  canvas: HTMLCanvasElement,
): { context: CanvasRenderingContext2D; width: number; height: number } {
  const scale = globalThis.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const pixels = [Math.round(width * scale), Math.round(height * scale)] as const;
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) {
    [canvas.width, canvas.height] = pixels;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const darkness = matchMedia("(prefers-color-scheme: dark)");
const palette = new Map<string, string>();
darkness.addEventListener("change", () => palette.clear());

/** A colour of the style sheet by its name. */
export function colour(name: string): string {
  let found = palette.get(name);
  if (found === undefined) {
    found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    // Nothing yet: the style sheet is still on its way.
    if (found !== "") palette.set(name, found);
  }
  return found;
}

/** Calls `draw` when the colours or the size of the window change. */
export function onLookChange(draw: () => void): void {
  darkness.addEventListener("change", draw);
  addEventListener("resize", draw);
}
