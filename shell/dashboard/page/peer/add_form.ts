/**
 * Adding and sharing: a link or name, .torrent files, the catalogue, the store.
 *
 * @module
 */
/// <reference lib="dom" />
import { askToAdd, askToAddAll, type OnAdded } from "./add_dialog.ts";
import { openCatalogue } from "./catalogue_dialog.ts";
import { button, make, note } from "../dom.ts";
import { listenForDrops, type TakeDropped, takeFiles } from "./drop_zone.ts";
import { openStore } from "./store_dialog.ts";

/** The form. `added` is called with an info hash. */
export class AddForm {
  readonly element: HTMLElement;

  constructor(added: OnAdded) {
    const take: TakeDropped = (what) =>
      void (typeof what === "string" ? askToAdd(what, added) : askToAddAll(what, added));
    const file = make("input", {
      type: "file",
      id: "add-file",
      class: "unseen",
      tabindex: -1,
      multiple: true,
      accept: ".torrent,application/x-bittorrent",
      "aria-label": ".torrent files",
      onchange: () => {
        void takeFiles([...file.files ?? []], take);
        file.value = "";
      },
    });
    const text = make("input", {
      type: "text",
      id: "add-text",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "Magnet links, a name in the catalogue, an info hash",
      "aria-label": "Link or name",
    });
    this.element = make(
      "form",
      {
        class: "add",
        onsubmit: (event) => {
          event.preventDefault();
          const what = text.value.trim();
          if (what === "") {
            note("Paste a magnet link, or type a name in the catalogue or an info hash");
            return text.focus();
          }
          void askToAdd(what, added).then((taken) => taken && (text.value = ""));
        },
      },
      text,
      make("button", { type: "submit" }, "Add"),
      button("Add .torrent files", () => file.click()),
      file,
      button("Catalogue", () => openCatalogue(added)),
      button("Share from the store", () => openStore(added)),
    );
    listenForDrops(take);
  }
}
