/**
 * The list of torrents: how far each is, in the order and with the selection that one wants.
 *
 * @module
 */
/// <reference lib="dom" />
import { PAGE_REMEDIES, withRemedy } from "../remedy_words.ts";
import type { TorrentSummary } from "../api_types.ts";
import { button, make, setAttribute, setText } from "../dom.ts";
import { ListToolbar } from "./list_toolbar.ts";
import {
  activate,
  among,
  extend,
  keyAt,
  NOTHING_SELECTED,
  type RowSelection,
  selectAll,
  selectNone,
  toggle,
} from "./row_selection.ts";
import { PAUSE, REMOVE, RESUME } from "./torrent_actions.ts";
import { arrange, type SortKey } from "./torrent_order.ts";
import { VirtualRows } from "../virtual_rows.ts";
import { bytes, count, duration, rate, share } from "../words.ts";

const STATES: Readonly<Record<string, string>> = {
  metadata: "fetching metadata",
  checking: "checking files",
  downloading: "downloading",
  seeding: "seeding",
  paused: "paused",
  stopped: "stopped",
  queued: "queued",
  error: "error",
};

/** A column; `sort` is what its head sorts by. */
interface Cell {
  readonly class: string;
  readonly title: string;
  readonly sort?: SortKey;
  readonly text?: (torrent: TorrentSummary) => string;
}

const NUMBERS: readonly Cell[] = [
  { class: "size", title: "Size", sort: "size", text: (torrent) => bytes(torrent.wanted_size) },
  { class: "down", title: "Down", sort: "down", text: (torrent) => rate(torrent.download_rate) },
  { class: "up", title: "Up", sort: "up", text: (torrent) => rate(torrent.upload_rate) },
  {
    class: "eta",
    title: "Time left",
    sort: "eta",
    text: ({ eta }) => eta === null ? "–" : duration(eta),
  },
  {
    class: "ratio",
    title: "Ratio",
    sort: "ratio",
    text: ({ ratio }) => ratio === null ? "–" : ratio.toFixed(2),
  },
];

const COLUMNS: readonly Cell[] = [
  { class: "check", title: "" },
  { class: "name", title: "Name", sort: "name" },
  { class: "progress", title: "Progress", sort: "progress" },
  ...NUMBERS,
  { class: "act", title: "" },
];

/** The list. `open` is called with the info hash whose details are wanted. */
export class TorrentList {
  readonly element: HTMLElement;
  readonly #torrents = new Map<string, TorrentSummary>();
  readonly #toolbar: ListToolbar;
  readonly #grid: HTMLElement;
  readonly #head: HTMLElement;
  readonly #empty = make("p", { class: "empty" });
  readonly #rows: VirtualRows<TorrentSummary>;
  readonly #open: (infoHash: string, isByKeyboard: boolean) => void;
  #shown: readonly TorrentSummary[] = [];
  #keys: readonly string[] = [];
  #selection: RowSelection = NOTHING_SELECTED;
  #chosen: string | undefined;

  constructor(open: (infoHash: string, isByKeyboard: boolean) => void) {
    this.#open = open;
    this.#toolbar = new ListToolbar({
      changed: () => this.#show(),
      selectNone: () => {
        this.#select(selectNone(this.#selection));
        this.focus();
      },
      toList: () => {
        this.focus();
        this.#activate(this.#selection.active ?? this.#keys[0]);
      },
    });
    this.#head = this.#makeHead();
    this.#grid = make("div", {
      class: "grid",
      role: "grid",
      tabindex: 0,
      "aria-label": "Torrents",
      "aria-multiselectable": "true",
      "aria-colcount": COLUMNS.length,
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onfocus: () => {
        // By pointer it is a row that is meant, and the click says which.
        const isByKeyboard = this.#grid.matches(":focus-visible");
        if (isByKeyboard && this.#selection.active === undefined) this.#activate(this.#keys[0]);
      },
    }, this.#head);
    this.#rows = new VirtualRows<TorrentSummary>({
      scroller: this.#grid,
      head: () => this.#head.offsetHeight,
      key: ({ info_hash: infoHash }) => infoHash,
      make: (torrent) => this.#makeRow(torrent),
      fill: (element, torrent) => this.#fill(element, torrent),
      drawn: () => this.#nameActive(),
    });
    this.#grid.append(this.#rows.element);
    this.element = make("div", { class: "list" }, this.#toolbar.element, this.#grid, this.#empty);
    this.#show();
  }

  get(infoHash: string): TorrentSummary | undefined {
    return this.#torrents.get(infoHash);
  }

  /** The torrent whose details are shown. */
  set chosen(infoHash: string | undefined) {
    this.#chosen = infoHash;
    if (infoHash !== undefined) {
      this.#selection = activate(this.#selection, infoHash);
      const at = this.#keys.indexOf(infoHash);
      if (at >= 0) this.#rows.reveal(at);
    }
    this.#drawSelection();
  }

  change(changed: readonly TorrentSummary[], removed: readonly string[]): void {
    for (const torrent of changed) this.#torrents.set(torrent.info_hash, torrent);
    for (const infoHash of removed) this.#torrents.delete(infoHash);
    this.#show();
  }

  /** What is here is another peer's list, or that of before: what is not told anew is gone. */
  clear(): void {
    this.#torrents.clear();
  }

  focus(): void {
    this.#grid.focus();
  }

  focusSearch(): void {
    this.#toolbar.focusSearch();
  }

  #show(): void {
    this.#shown = arrange(this.#torrents.values(), this.#toolbar.arrangement);
    this.#keys = this.#shown.map(({ info_hash: infoHash }) => infoHash);
    this.#selection = among(this.#selection, this.#keys);
    const { sort, isDescending } = this.#toolbar.arrangement;
    for (const one of this.#head.querySelectorAll<HTMLElement>("[data-sort]")) {
      const isIt = one.dataset["sort"] === sort;
      setAttribute(one, "aria-sort", isIt ? isDescending ? "descending" : "ascending" : "none");
    }
    this.#grid.hidden = this.#shown.length === 0;
    this.#empty.hidden = this.#shown.length > 0;
    setText(
      this.#empty,
      this.#torrents.size === 0
        ? "No torrents yet. Add one above, or share a file."
        : "No torrent fits this search and state.",
    );
    setAttribute(this.#grid, "aria-rowcount", String(this.#shown.length + 1));
    this.#rows.show(this.#shown);
    this.#showSelected();
  }

  #select(selection: RowSelection): void {
    this.#selection = selection;
    this.#drawSelection();
  }

  #drawSelection(): void {
    this.#rows.refresh();
    this.#showSelected();
  }

  #showSelected(): void {
    const { selected } = this.#selection;
    this.#nameActive();
    this.#toolbar.show(
      this.#torrents.values(),
      this.#shown.filter(({ info_hash: infoHash }) => selected.has(infoHash)),
    );
  }

  /** Tells assistive technology where the keyboard is, while that row is there to be told of. */
  #nameActive(): void {
    const { active } = this.#selection;
    const isThere = active !== undefined && this.#rows.has(active);
    if (isThere) setAttribute(this.#grid, "aria-activedescendant", `row-${active}`);
    else this.#grid.removeAttribute("aria-activedescendant");
  }

  #activate(key: string | undefined): void {
    if (key === undefined) return;
    this.#select(activate(this.#selection, key));
    this.#rows.reveal(this.#keys.indexOf(key));
  }

  #makeHead(): HTMLElement {
    return make(
      "div",
      { class: "row head", role: "row", "aria-rowindex": 1 },
      ...COLUMNS.map(({ class: name, title, sort }) =>
        sort === undefined
          ? make("span", { class: name, role: "columnheader" }, this.#headOf(name))
          : make(
            "span",
            { class: name, role: "columnheader", "data-sort": sort },
            button(title, () => this.#toolbar.sortBy(sort, true), { class: "sort", tabindex: -1 }),
          )
      ),
    );
  }

  #headOf(name: string): Node {
    return make("span", { class: "unseen" }, name === "check" ? "Selected" : "Action");
  }

  #makeRow({ info_hash: infoHash }: TorrentSummary): HTMLElement {
    const cell = (name: string, ...inside: Node[]) =>
      make("span", { class: name, role: name === "name" ? "rowheader" : "gridcell" }, ...inside);
    const row = make(
      "div",
      {
        class: "row",
        role: "row",
        id: `row-${infoHash}`,
        "data-key": infoHash,
        onclick: (event) => this.#click(event as MouseEvent, infoHash),
        // Shift extends a selection of rows, not of text.
        onmousedown: (event) => (event as MouseEvent).shiftKey && event.preventDefault(),
      },
      cell("check", make("input", { type: "checkbox", tabindex: -1 })),
      cell(
        "name",
        make("span", { class: "title", dir: "auto" }),
        make("span", { class: "state", dir: "auto" }),
      ),
      cell("progress", make("progress", { max: 1 }), make("span", { class: "share" })),
      ...NUMBERS.map(({ class: name, title }) => {
        const one = cell(name);
        one.dataset["title"] = title;
        return one;
      }),
      cell("act", button("", () => {}, { tabindex: -1 })),
    );
    return row;
  }

  #fill(row: HTMLElement, torrent: TorrentSummary): void {
    const { info_hash: infoHash, name, state, error, remedy, progress } = torrent;
    const [check, title, bar, ...rest] = row.children as unknown as HTMLElement[];
    const isSelected = this.#selection.selected.has(infoHash);
    setAttribute(row, "aria-selected", String(isSelected));
    row.classList.toggle("active", this.#selection.active === infoHash);
    row.classList.toggle("open", this.#chosen === infoHash);
    const box = check!.firstElementChild as HTMLInputElement;
    box.checked = isSelected;
    setAttribute(box, "aria-label", `Select ${name}`);
    setText(title!.firstElementChild!, name);
    setAttribute(title!, "title", name);
    const line = title!.lastElementChild!;
    setText(line, stateWords(torrent));
    line.classList.toggle("bad", state === "error");
    if (error !== null) setAttribute(line, "title", withRemedy(error, remedy, PAGE_REMEDIES));
    const meter = bar!.firstElementChild as HTMLProgressElement;
    if (meter.value !== progress) meter.value = progress;
    meter.classList.toggle("whole", progress >= 1);
    setAttribute(meter, "aria-label", `Progress of ${name}`);
    setText(bar!.lastElementChild!, share(progress));
    for (const [at, { text }] of NUMBERS.entries()) setText(rest[at]!, text!(torrent));
    const act = rest.at(-1)!.firstElementChild!;
    const action = RESUME.fits(torrent) ? RESUME : PAUSE;
    setText(act, action.name);
    setAttribute(act, "aria-label", `${action.name} ${name}`);
  }

  #click(event: MouseEvent, infoHash: string): void {
    const target = event.target as HTMLElement;
    const torrent = this.#torrents.get(infoHash);
    if (torrent === undefined) return;
    if (target instanceof HTMLButtonElement) {
      (RESUME.fits(torrent) ? RESUME : PAUSE).run([torrent]);
    } else if (event.shiftKey) {
      this.#select(extend(this.#selection, this.#keys, infoHash));
      this.focus();
    } else if (event.ctrlKey || event.metaKey || target.closest(".check") !== null) {
      this.#select(toggle(this.#selection, infoHash));
      this.focus();
    } else this.#open(infoHash, false);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.target !== this.#grid) return;
    const isAll = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey);
    if (isAll) {
      event.preventDefault();
      return this.#select(selectAll(this.#selection, this.#keys));
    }
    if (event.ctrlKey || event.metaKey) return;
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -this.#rows.perPage,
      PageDown: this.#rows.perPage,
      Home: -this.#keys.length,
      End: this.#keys.length,
    };
    const { active } = this.#selection;
    const by = steps[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const key = keyAt(this.#selection, this.#keys, by);
      if (key === undefined) return;
      if (!event.shiftKey) return this.#activate(key);
      this.#select(extend(this.#selection, this.#keys, key));
      this.#rows.reveal(this.#keys.indexOf(key));
    } else if (event.key === " " && active !== undefined) {
      event.preventDefault();
      this.#select(toggle(this.#selection, active));
    } else if (event.key === "Enter" && active !== undefined) {
      event.preventDefault();
      this.#open(active, true);
    } else if (event.key === "Delete") {
      event.preventDefault();
      REMOVE.run(this.#meant());
    } else if (event.key === "Escape" && this.#selection.selected.size > 0) {
      event.stopPropagation();
      this.#select(selectNone(this.#selection));
    }
  }

  /** Those that are selected, else the one that the keyboard is on. */
  #meant(): TorrentSummary[] {
    const { selected, active } = this.#selection;
    const keys = selected.size > 0 ? selected : new Set(active === undefined ? [] : [active]);
    return this.#shown.filter(({ info_hash: infoHash }) => keys.has(infoHash));
  }
}

/** The line below the name: what it does, and with how many. */
export function stateWords(
  { state, error, remedy, verifying, peers }: TorrentSummary,
): string {
  if (error !== null) return withRemedy(error, remedy, PAGE_REMEDIES);
  const words = verifying === null
    ? STATES[state] ?? state
    : `${STATES[state] ?? state}, verifying ${share(verifying)}`;
  return peers === 0 ? words : `${words}, ${count(peers, "peer")}`;
}
