/**
 * File tree view: folders and files of a torrent, of which one chooses what is wanted.
 *
 * @module
 */
/// <reference lib="dom" />
import type { FileFacts } from "../api_types.ts";
import { button, make, setAttribute, setText } from "../dom.ts";
import {
  type FolderNode,
  numbersOf,
  openAtFirst,
  treeOf,
  type TreeRow,
  treeRows,
} from "./file_tree.ts";
import { VirtualRows } from "../virtual_rows.ts";
import { bytes, count, share } from "../words.ts";

const PRIORITIES = ["skip", "low", "normal", "high"];

/** The tree of one torrent at a time. */
export class FileTreeView {
  readonly element: HTMLElement;
  readonly #tree: HTMLElement;
  readonly #sum = make("p", { class: "hint", role: "status" });
  readonly #empty: HTMLElement;
  readonly #tools: HTMLElement;
  readonly #rows: VirtualRows<TreeRow>;
  readonly #choose: (numbers: number[], priority: string) => void;
  readonly #isBefore: boolean;
  #files: readonly FileFacts[] = [];
  #root: FolderNode = treeOf([]);
  #open = new Set<string>();
  #filter = "";
  #shown: readonly TreeRow[] = [];
  #active: string | undefined;

  /**
   * @param options.choose says how much files are wanted
   * @param options.isBefore nothing is here yet: what to get is chosen before it is added
   */
  constructor(options: {
    readonly empty: string;
    readonly isBefore: boolean;
    readonly choose: (numbers: number[], priority: string) => void;
  }) {
    this.#choose = options.choose;
    this.#isBefore = options.isBefore;
    this.#empty = make("p", { class: "empty" }, options.empty);
    const filter = make("input", {
      type: "search",
      class: "file-filter",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "Filter files",
      "aria-label": "Filter files",
      oninput: () => {
        this.#filter = filter.value;
        this.#draw();
      },
    });
    this.#tools = make(
      "div",
      { class: "file-tools" },
      filter,
      button("All", () => this.#chooseShown("normal")),
      button("None", () => this.#chooseShown("skip")),
    );
    this.#tree = make("div", {
      class: "tree",
      role: "treegrid",
      tabindex: 0,
      "aria-label": "Files",
      onkeydown: (event) => this.#key(event as KeyboardEvent),
    });
    this.#rows = new VirtualRows<TreeRow>({
      scroller: this.#tree,
      head: () => 0,
      key: ({ key }) => key,
      make: (row) => this.#makeRow(row),
      fill: (element, row) => this.#fill(element, row),
    });
    this.#tree.append(this.#rows.element);
    this.element = make(
      "div",
      { class: "files" },
      this.#tools,
      this.#sum,
      this.#tree,
      this.#empty,
    );
    this.#draw();
  }

  /** Shows the files of another torrent. */
  open(files: readonly FileFacts[]): void {
    this.#files = files;
    this.#root = treeOf(files);
    this.#open = openAtFirst(this.#root, files.length);
    this.#active = undefined;
    this.#draw();
  }

  /** The same files with other facts. */
  update(files: readonly FileFacts[]): void {
    this.#files = files;
    this.#draw();
  }

  #draw(): void {
    this.#shown = treeRows(this.#root, this.#files, { open: this.#open, filter: this.#filter });
    const isEmpty = this.#files.length === 0;
    this.#empty.hidden = !isEmpty;
    this.#tools.hidden = this.#tree.hidden = this.#sum.hidden = isEmpty;
    setAttribute(this.#tree, "aria-rowcount", String(this.#shown.length));
    setText(this.#sum, this.#inWords());
    this.#rows.show(this.#shown);
  }

  #inWords(): string {
    let [wanted, size] = [0, 0];
    for (const { priority, length } of this.#files) {
      if (priority === "skip") continue;
      wanted++;
      size += length;
    }
    const all = count(this.#files.length, "file");
    const chosen = wanted === this.#files.length ? `All ${all}` : `${wanted} of ${all}`;
    const found = this.#filter.trim() === "" ? "" : `; ${this.#shown.length} fit the filter`;
    return `${chosen} wanted, ${bytes(size)}${found}`;
  }

  /** All that the filter shows, in all folders. */
  #chooseShown(priority: string): void {
    const isFiltered = this.#filter.trim() !== "";
    const numbers = isFiltered
      ? this.#shown.flatMap((row) => numbersOf(row, this.#files))
      : this.#files.flatMap(({ number }) => number === null ? [] : [number]);
    if (numbers.length > 0) this.#choose(numbers, priority);
  }

  #makeRow(row: TreeRow): HTMLElement {
    const name = make("span", { class: "name", role: "rowheader" });
    if (row.kind === "folder") name.append(make("span", { class: "twist", "aria-hidden": "true" }));
    name.append(make("span", { class: "title", dir: "auto" }));
    const cells = [
      make(
        "span",
        { class: "check", role: "gridcell" },
        make("input", {
          type: "checkbox",
          tabindex: -1,
          onchange: () => this.#toggle(row.key),
        }),
      ),
      name,
      make("span", { class: "size", role: "gridcell" }),
    ];
    if (!this.#isBefore) {
      cells.push(make("span", { class: "share", role: "gridcell" }));
      const place = make("span", { class: "priority", role: "gridcell" });
      if (row.kind === "file") {
        const select = make(
          "select",
          { tabindex: -1, onchange: () => this.#prioritize(row.key, select.value) },
          ...PRIORITIES.map((one) => make("option", { value: one }, one)),
        );
        place.append(select);
      }
      cells.push(place);
    }
    return make("div", {
      class: `row ${row.kind}`,
      role: "row",
      id: rowId(row.key),
      onclick: (event) => this.#click(event, row.key),
    }, ...cells);
  }

  #fill(element: HTMLElement, row: TreeRow): void {
    const [check, name, size, here, priority] = element.children as unknown as HTMLElement[];
    const sums = row.kind === "folder" ? row.sums : sumsOfFile(row.file);
    const box = check!.firstElementChild as HTMLInputElement;
    box.checked = sums.wanted > 0;
    box.indeterminate = sums.wanted > 0 && sums.wanted < sums.files;
    box.disabled = row.kind === "file" && row.file.number === null;
    setAttribute(box, "aria-label", `Get ${row.name}`);
    if (row.kind === "file") setAttribute(box, "data-file", row.file.path);
    element.style.setProperty("--depth", String(row.depth));
    setAttribute(element, "aria-level", String(row.depth + 1));
    element.classList.toggle("active", this.#active === row.key);
    setText(name!.lastElementChild!, row.kind === "folder" ? `${row.name}/` : row.name);
    setAttribute(name!, "title", row.kind === "file" ? row.file.path : row.node.path);
    if (row.kind === "folder") {
      setAttribute(element, "aria-expanded", String(row.isOpen));
      setText(name!.firstElementChild!, row.isOpen ? "▾" : "▸");
    }
    setText(size!, bytes(sums.length));
    if (here === undefined) return;
    setText(here, share(sums.length === 0 ? 1 : sums.have / sums.length));
    if (row.kind === "folder") setText(priority!, count(sums.files, "file"));
    else {
      const select = priority!.firstElementChild as HTMLSelectElement;
      setAttribute(select, "aria-label", `Priority of ${row.name}`);
      select.hidden = row.file.number === null;
      if (document.activeElement !== select) select.value = row.file.priority;
    }
  }

  #row(key: string | undefined): TreeRow | undefined {
    return this.#shown.find((row) => row.key === key);
  }

  #toggle(key: string): void {
    const row = this.#row(key);
    if (row === undefined) return;
    const isWanted = row.kind === "folder" ? row.sums.wanted > 0 : row.file.priority !== "skip";
    const isAll = row.kind === "folder" ? row.sums.wanted === row.sums.files : isWanted;
    // Of a folder that is wanted in part all is wanted first.
    this.#choose(numbersOf(row, this.#files), isAll ? "skip" : "normal");
  }

  #prioritize(key: string, priority: string): void {
    const row = this.#row(key);
    if (row !== undefined) this.#choose(numbersOf(row, this.#files), priority);
  }

  #click(event: Event, key: string): void {
    this.#active = key;
    const target = event.target as HTMLElement;
    const row = this.#row(key);
    const isName = target.closest(".name") !== null;
    if (row?.kind === "folder" && isName) this.#fold(row.node.path, !row.isOpen);
    else this.#rows.refresh();
  }

  #fold(path: string, isOpen: boolean): void {
    if (isOpen) this.#open.add(path);
    else this.#open.delete(path);
    this.#draw();
    this.#rows.refresh();
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#tree || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#shown.findIndex(({ key }) => key === this.#active);
    const row = this.#shown[at];
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -this.#rows.perPage,
      PageDown: this.#rows.perPage,
      Home: -this.#shown.length,
      End: this.#shown.length,
    };
    const by = steps[event.key];
    if (by !== undefined) {
      const to = at < 0 ? 0 : Math.max(0, Math.min(this.#shown.length - 1, at + by));
      this.#activate(this.#shown[to]);
    } else if (event.key === " " && row !== undefined) this.#toggle(row.key);
    else if (event.key === "ArrowRight" && row?.kind === "folder") this.#fold(row.node.path, true);
    else if (event.key === "ArrowLeft" && row?.kind === "folder") this.#fold(row.node.path, false);
    else return;
    event.preventDefault();
  }

  #activate(row: TreeRow | undefined): void {
    if (row === undefined) return;
    this.#active = row.key;
    setAttribute(this.#tree, "aria-activedescendant", rowId(row.key));
    this.#rows.reveal(this.#shown.indexOf(row));
    this.#rows.refresh();
  }
}

function sumsOfFile({ length, have, priority }: FileFacts) {
  return { files: 1, length, have, wanted: priority === "skip" ? 0 : 1 };
}

/** An ID without blanks. */
function rowId(key: string): string {
  return `tree-${encodeURIComponent(key)}`;
}
