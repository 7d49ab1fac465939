/**
 * Tabs: several views in one place, moved between by arrow keys.
 *
 * @module
 */
/// <reference lib="dom" />
import { make, setAttribute } from "./dom.ts";

let made = 0;

/** Views with a name each, of which one is seen. */
export class Tabs<Name extends string> {
  readonly element: HTMLElement;
  readonly #names: readonly Name[];
  readonly #heads = new Map<Name, HTMLButtonElement>();
  readonly #panels = new Map<Name, HTMLElement>();
  readonly #changed: () => void;
  #chosen: Name;

  constructor(
    names: readonly Name[],
    inside: Readonly<Record<Name, readonly Node[]>>,
    changed: () => void,
  ) {
    this.#names = names;
    this.#changed = changed;
    this.#chosen = names[0]!;
    const group = `tabs-${++made}`;
    for (const [at, name] of names.entries()) {
      const [tab, panel] = [`${group}-tab-${at}`, `${group}-panel-${at}`];
      this.#heads.set(
        name,
        make("button", {
          type: "button",
          role: "tab",
          id: tab,
          "aria-controls": panel,
          onclick: () => this.choose(name),
          onkeydown: (event) => this.#key(event as KeyboardEvent, at),
        }, name),
      );
      this.#panels.set(
        name,
        make(
          "div",
          { role: "tabpanel", id: panel, class: "panel", "aria-labelledby": tab },
          ...inside[name],
        ),
      );
    }
    this.element = make(
      "div",
      { class: "tabs" },
      make("div", { role: "tablist", class: "tablist" }, ...this.#heads.values()),
      ...this.#panels.values(),
    );
    this.#show();
  }

  get chosen(): Name {
    return this.#chosen;
  }

  choose(name: Name): void {
    this.#chosen = name;
    this.#show();
    this.#changed();
  }

  #show(): void {
    for (const [name, head] of this.#heads) {
      const isChosen = name === this.#chosen;
      setAttribute(head, "aria-selected", String(isChosen));
      setAttribute(head, "tabindex", isChosen ? "0" : "-1");
      this.#panels.get(name)!.hidden = !isChosen;
    }
  }

  #key(event: KeyboardEvent, at: number): void {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const name = this.#names.at((at + by) % this.#names.length)!;
    this.choose(name);
    this.#heads.get(name)!.focus();
  }
}
