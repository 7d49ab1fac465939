/**
 * Toolbar of the list: search, states with their counts, order, and what can be done with those that
 * are selected.
 *
 * @module
 */
/// <reference lib="dom" />
import type { TorrentSummary } from "../api_types.ts";
import { button, make, setAttribute, setText } from "../dom.ts";
import { ACTIONS } from "./torrent_actions.ts";
import {
  type Arrangement,
  countStates,
  SORT_KEYS,
  type SortKey,
  STATE_FILTERS,
  type StateFilter,
} from "./torrent_order.ts";
import { count } from "../words.ts";

const FILTER_WORDS: Readonly<Record<StateFilter, string>> = {
  all: "All",
  downloading: "Downloading",
  seeding: "Seeding",
  paused: "Paused",
  error: "Error",
};

export const SORT_WORDS: Readonly<Record<SortKey, string>> = {
  added: "Added",
  name: "Name",
  progress: "Progress",
  size: "Size",
  down: "Down",
  up: "Up",
  eta: "Time left",
  ratio: "Ratio",
  peers: "Peers",
};

/** Where the order is remembered, in this browser. */
const PLACE = "vtorrent-order";

/** What is above the list. */
export class ListToolbar {
  readonly element: HTMLElement;
  readonly #search: HTMLInputElement;
  readonly #filters: ReadonlyMap<StateFilter, HTMLButtonElement>;
  readonly #order: HTMLSelectElement;
  readonly #direction: HTMLButtonElement;
  readonly #selected: HTMLElement;
  readonly #selectedCount = make("span", { class: "selected-count", role: "status" });
  readonly #actions: readonly HTMLButtonElement[];
  readonly #changed: () => void;
  #arrangement: Arrangement;
  #chosen: readonly TorrentSummary[] = [];

  /**
   * @param owner.changed the list is to be shown anew
   * @param owner.selectNone nothing is to be selected any more
   * @param owner.toList the keyboard goes on to what was found
   */
  constructor(owner: { changed: () => void; selectNone: () => void; toList: () => void }) {
    this.#changed = owner.changed;
    this.#arrangement = { search: "", filter: "all", ...keptOrder() };
    this.#search = make("input", {
      type: "search",
      id: "search",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "Search  ( / )",
      "aria-label": "Search torrents",
      "aria-keyshortcuts": "/",
      oninput: () => this.#set({ search: this.#search.value }),
      onkeydown: (event) => {
        const { key } = event as KeyboardEvent;
        if (!["Enter", "ArrowDown", "Escape"].includes(key)) return;
        event.preventDefault();
        if (key === "Escape") {
          this.#search.value = "";
          this.#set({ search: "" });
        }
        owner.toList();
      },
    });
    this.#filters = new Map(
      STATE_FILTERS.map((filter) => [
        filter,
        button(FILTER_WORDS[filter], () => this.#set({ filter }), { class: "filter" }),
      ]),
    );
    this.#order = make(
      "select",
      {
        id: "order",
        "aria-label": "Sort by",
        onchange: () => this.sortBy(this.#order.value as SortKey, false),
      },
      ...SORT_KEYS.map((key) => make("option", { value: key }, SORT_WORDS[key])),
    );
    this.#direction = button("", () => {
      this.#set({ isDescending: !this.#arrangement.isDescending });
    }, { class: "direction" });
    this.#actions = ACTIONS.map(({ name, help, fits, run }) =>
      button(name, () => run(this.#chosen.filter(fits)), {
        class: name === "Remove" ? "danger" : "",
        ...(help === undefined ? {} : { title: help }),
      })
    );
    this.#selected = make(
      "div",
      { class: "selected", role: "group", "aria-label": "Selected torrents", hidden: true },
      this.#selectedCount,
      ...this.#actions,
      button("Select none", owner.selectNone),
    );
    this.element = make(
      "div",
      { class: "toolbar" },
      make(
        "div",
        { class: "finders" },
        this.#search,
        make(
          "div",
          { class: "filters", role: "group", "aria-label": "State" },
          ...this.#filters.values(),
        ),
        make("div", { class: "order" }, this.#order, this.#direction),
      ),
      this.#selected,
    );
    this.#showOrder();
  }

  get arrangement(): Arrangement {
    return this.#arrangement;
  }

  /** The keyboard goes to the search. */
  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  /** Sorts by a key; the same once more turns it around, where `turns`. */
  sortBy(sort: SortKey, turns: boolean): void {
    const before = this.#arrangement;
    // Of numbers the largest are looked for, of names the first.
    const first = !["added", "name", "eta"].includes(sort);
    const isDescending = turns && before.sort === sort ? !before.isDescending : first;
    this.#set({ sort, isDescending });
  }

  /** How many of each state there are, and which are selected. */
  show(torrents: Iterable<TorrentSummary>, chosen: readonly TorrentSummary[]): void {
    const counts = countStates(torrents);
    for (const [filter, one] of this.#filters) {
      setText(one, `${FILTER_WORDS[filter]} ${counts[filter]}`);
      setAttribute(one, "aria-pressed", String(filter === this.#arrangement.filter));
    }
    this.#chosen = chosen;
    this.#selected.hidden = chosen.length === 0;
    setText(
      this.#selectedCount,
      chosen.length === 0 ? "" : `${count(chosen.length, "torrent")} selected`,
    );
    for (const [at, { fits }] of ACTIONS.entries()) {
      this.#actions[at]!.disabled = !chosen.some(fits);
    }
  }

  #set(change: Partial<Arrangement>): void {
    this.#arrangement = { ...this.#arrangement, ...change };
    this.#showOrder();
    this.#changed();
  }

  #showOrder(): void {
    const { sort, isDescending } = this.#arrangement;
    this.#order.value = sort;
    setText(this.#direction, isDescending ? "↓" : "↑");
    setAttribute(this.#direction, "aria-label", isDescending ? "Descending" : "Ascending");
    try {
      localStorage.setItem(PLACE, JSON.stringify({ sort, isDescending }));
    } catch { /* a browser that keeps nothing sorts as it does at first */ }
  }
}

function keptOrder(): Pick<Arrangement, "sort" | "isDescending"> {
  const first = { sort: "added", isDescending: false } as const;
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? "null") ?? first;
    const sort = SORT_KEYS.find((key) => key === kept.sort);
    return sort === undefined ? first : { sort, isDescending: kept.isDescending === true };
  } catch {
    return first;
  }
}
