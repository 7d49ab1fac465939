/**
 * Catalogue dialog: what the trackers' catalogues have.
 *
 * @module
 */
/// <reference lib="dom" />
import type { CatalogueItem } from "../api_types.ts";
import { askToAdd, type OnAdded } from "./add_dialog.ts";
import { get } from "../api_client.ts";
import { openDialog } from "../dialogs.ts";
import { button, make, note } from "../dom.ts";
import { KeyedTable } from "../keyed_table.ts";
import { bytes } from "../words.ts";

/** Opens it. */
export function openCatalogue(added: OnAdded): void {
  const table = new KeyedTable<CatalogueItem>({
    label: "Catalogue",
    empty: "The catalogue is empty, or no tracker answers.",
    key: ({ info_hash }) => info_hash,
    columns: [
      { title: "Name", isHeader: true, text: ({ name }) => name },
      { title: "Size", isNumber: true, text: ({ size }) => bytes(size) },
      { title: "Files", isNumber: true, text: ({ files }) => String(files) },
      { title: "From", text: ({ published_by }) => published_by ?? "–" },
      { title: "Seeders", isNumber: true, text: ({ seeders }) => String(seeders) },
      {
        title: "",
        fill: (row, cell) => {
          const offer = cell.querySelector("button") ?? cell.appendChild(
            button("Download", () => {
              dialog.close();
              void askToAdd(row.info_hash, added);
            }, { "aria-label": `Download ${row.name}` }),
          );
          offer.disabled = row.here;
          offer.textContent = row.here ? "Already here" : "Download";
        },
      },
    ],
  });
  let all: readonly CatalogueItem[] = [];
  const show = () => {
    const words = search.value.toLowerCase();
    table.show(all.filter(({ name }) => name.toLowerCase().includes(words)));
  };
  const search = make("input", {
    type: "search",
    autocomplete: "off",
    placeholder: "Search the catalogue",
    "aria-label": "Search the catalogue",
    oninput: show,
  });
  const dialog = openDialog({
    title: "Catalogue",
    isWide: true,
    body: [search, make("div", { class: "dialog-list" }, table.element)],
  });
  get<{ torrents: CatalogueItem[]; failures: string[] }>("/catalogue").then(
    ({ torrents, failures }) => {
      all = torrents;
      show();
      for (const failure of failures) note(failure);
    },
    (error: Error) => note(error.message),
  );
}
