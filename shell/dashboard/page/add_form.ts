/**
 * Adding and sharing: a .torrent dropped or picked, a link or name, the catalogue, the store.
 *
 * @module
 */
/// <reference lib="dom" />
import type { CatalogueItem, Inspected, StoreEntry } from "./api_types.ts";
import { get, post } from "./api_client.ts";
import { button, make, note } from "./dom.ts";
import { KeyedTable } from "./keyed_table.ts";
import { bytes, count } from "./words.ts";

/** What is to be added: a .torrent, or what names one. */
type What = Blob | string;

/** The form. `added` is called with an info hash. */
export class AddForm {
  readonly element: HTMLElement;
  readonly #added: (infoHash: string) => void;
  readonly #catalogue: KeyedTable<CatalogueItem>;
  readonly #store: KeyedTable<StoreEntry>;
  /** Boxes to open, side by side. */
  readonly folds: HTMLElement;
  readonly #storePath = make("p", { class: "path" });
  #folder = "";

  constructor(added: (infoHash: string) => void) {
    this.#added = added;
    const file = make("input", {
      type: "file",
      id: "add-file",
      accept: ".torrent,application/x-bittorrent",
      onchange: () => {
        const [chosen] = file.files ?? [];
        if (chosen !== undefined) void this.#look(chosen);
        file.value = "";
      },
    });
    const text = make("input", {
      type: "text",
      id: "add-text",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "magnet:?xt=…, a name in the catalogue, an info hash",
    });
    const form = make(
      "form",
      {
        class: "add",
        onsubmit: (event) => {
          event.preventDefault();
          if (text.value.trim() === "") return text.focus();
          void this.#look(text.value.trim()).then((taken) => taken && (text.value = ""));
        },
      },
      make("label", { for: "add-text" }, "Link or name"),
      text,
      make("button", { type: "submit" }, "Add"),
      make("label", { for: "add-file" }, "or a .torrent"),
      file,
    );
    this.#catalogue = new KeyedTable<CatalogueItem>({
      label: "Catalogue",
      empty: "The catalogue is empty, or no tracker answers.",
      key: ({ info_hash }) => info_hash,
      columns: [
        { title: "Name", isHeader: true, text: ({ name }) => name },
        { title: "Size", isNumber: true, text: ({ size }) => bytes(size) },
        { title: "Files", isNumber: true, text: ({ files }) => String(files) },
        { title: "From", text: ({ published_by }) => published_by ?? "–" },
        { title: "Seeders", isNumber: true, text: ({ seeders }) => String(seeders) },
        { title: "", fill: (row, cell) => this.#offer(row, cell) },
      ],
    });
    this.#store = new KeyedTable<StoreEntry>({
      label: "Files in the store",
      empty: "This folder is empty.",
      key: ({ path }) => path,
      columns: [
        { title: "Name", isHeader: true, fill: (row, cell) => this.#storeName(row, cell) },
        {
          title: "Size",
          isNumber: true,
          text: ({ size }) => size === null ? "folder" : bytes(size),
        },
        { title: "", fill: (row, cell) => this.#storeShare(row, cell) },
      ],
    });
    this.folds = make(
      "div",
      { class: "folds" },
      this.#fold("Catalogue", () => this.#readCatalogue(), this.#catalogue.element),
      this.#fold(
        "Share from the store",
        () => this.#readStore(this.#folder),
        this.#storePath,
        this.#store.element,
      ),
    );
    this.element = make("div", {}, form, this.folds);
    addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    addEventListener("dragleave", () => document.body.classList.remove("dropping"));
    addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dropping");
      const [dropped] = event.dataTransfer?.files ?? [];
      if (dropped !== undefined) void this.#look(dropped);
    });
  }

  #fold(title: string, open: () => Promise<void>, ...inside: Node[]): HTMLElement {
    const fold = make(
      "details",
      { ontoggle: () => fold.open && void open().catch((error: Error) => note(error.message)) },
      make("summary", {}, title),
      ...inside,
    );
    return fold;
  }

  async #readCatalogue(): Promise<void> {
    const { torrents, failures } = await get<
      { torrents: CatalogueItem[]; failures: string[] }
    >("/catalogue");
    this.#catalogue.show(torrents);
    for (const failure of failures) note(failure);
  }

  #offer(row: CatalogueItem, cell: HTMLElement): void {
    const offer = cell.querySelector("button") ?? cell.appendChild(
      button("Download", () => void this.#look(row.info_hash), {
        "aria-label": `Download ${row.name}`,
      }),
    );
    offer.disabled = row.here;
    offer.textContent = row.here ? "Already here" : "Download";
  }

  async #readStore(path: string): Promise<void> {
    const { entries } = await get<{ entries: StoreEntry[] }>(
      `/store?path=${encodeURIComponent(path)}`,
    );
    this.#folder = path;
    const parent = path.split("/").slice(0, -1).join("/");
    const up = path === "" ? [] : [button("Up", () => void this.#readStore(parent)), " "];
    this.#storePath.replaceChildren(...up, path === "" ? "The store" : path);
    this.#store.show(entries);
  }

  #storeName({ name, kind, path }: StoreEntry, cell: HTMLElement): void {
    if (cell.childNodes.length > 0) return;
    cell.append(
      kind === "file"
        ? name
        : button(`${name}/`, () => void this.#readStore(path), { class: "name" }),
    );
  }

  #storeShare({ name, path }: StoreEntry, cell: HTMLElement): void {
    if (cell.childElementCount > 0) return;
    cell.append(button("Share", () => void this.#share(path), { "aria-label": `Share ${name}` }));
  }

  async #share(path: string): Promise<void> {
    try {
      const { info_hash, name, problems } = await post<
        { info_hash: string; name: string; problems: string[] }
      >("/share", { path });
      for (const problem of problems) note(problem);
      note(`“${name}” is shared`, "good");
      this.#added(info_hash);
    } catch (error) {
      note((error as Error).message);
    }
  }

  /** Shows what a torrent holds and lets files be chosen; whether it was one. */
  async #look(what: What): Promise<boolean> {
    try {
      this.#ask(what, await post<Inspected>("/inspect", bodyOf(what)));
      return true;
    } catch (error) {
      note((error as Error).message);
      return false;
    }
  }

  #ask(what: What, torrent: Inspected): void {
    const boxes = torrent.files.map(({ number, path }) =>
      make("input", { type: "checkbox", id: `choose-${number}`, checked: true, "data-file": path })
    );
    const folder = make("input", {
      type: "text",
      id: "choose-folder",
      autocomplete: "off",
      placeholder: "the store itself",
    });
    const paused = make("input", { type: "checkbox", id: "choose-paused" });
    const files = torrent.files.map(({ number, path, length }, at) =>
      make(
        "li",
        {},
        boxes[at]!,
        make("label", { for: `choose-${number}`, dir: "auto" }, ` ${path} (${bytes(length)})`),
      )
    );
    const dialog = make(
      "dialog",
      { "aria-labelledby": "choose-title", onclose: () => dialog.remove() },
      make("h2", { id: "choose-title", dir: "auto" }, `Add “${torrent.name}”`),
      make(
        "p",
        {},
        torrent.total_size === null
          ? "The file list comes from its peers."
          : `${count(torrent.files.length, "file")}, ${bytes(torrent.total_size)}` +
            (torrent.private ? ", private" : ""),
      ),
      make("ul", { class: "choices-list" }, ...files),
      make(
        "p",
        {},
        make("label", { for: "choose-folder" }, "Folder in the store "),
        folder,
      ),
      make("p", {}, paused, make("label", { for: "choose-paused" }, " Add without starting")),
      make(
        "p",
        { class: "choices" },
        button("Cancel", () => dialog.close()),
        button("Add", () => {
          const chosen = boxes.flatMap((box, at) => box.checked ? [at + 1] : []);
          const all = chosen.length === boxes.length;
          dialog.close();
          void this.#add(what, {
            folder: folder.value.trim(),
            paused: paused.checked,
            ...(all ? {} : { select: chosen.length === 0 ? "none" : chosen.join(",") }),
          });
        }, { autofocus: true }),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }

  async #add(
    what: What,
    options: { folder: string; paused: boolean; select?: string },
  ): Promise<void> {
    try {
      const query = new URLSearchParams({
        folder: options.folder,
        paused: String(options.paused),
        ...(options.select === undefined ? {} : { select: options.select }),
      });
      const { info_hash } = typeof what === "string"
        ? await post<{ info_hash: string }>("/torrents", { ...bodyOf(what) as object, ...options })
        : await post<{ info_hash: string }>(`/torrents?${query}`, what);
      this.#added(info_hash);
    } catch (error) {
      note((error as Error).message);
    }
  }
}

function bodyOf(what: What): unknown {
  return typeof what === "string" ? { what } : what;
}
