/**
 * Store dialog: files and folders of the store, to be shared.
 *
 * @module
 */
/// <reference lib="dom" />
import type { StoreEntry } from "../api_types.ts";
import type { OnAdded } from "./add_dialog.ts";
import { ApiError, get, post } from "../api_client.ts";
import { openDialog } from "../dialogs.ts";
import { button, make, note } from "../dom.ts";
import { KeyedTable } from "../keyed_table.ts";
import { bytes } from "../words.ts";

/** Opens it. */
export function openStore(added: OnAdded): void {
  const table = new KeyedTable<StoreEntry>({
    label: "Files in the store",
    empty: "This folder is empty.",
    key: ({ path }) => path,
    columns: [
      {
        title: "Name",
        isHeader: true,
        fill: ({ name, kind, path }, cell) => {
          if (cell.childNodes.length > 0) return;
          cell.append(
            kind === "file" ? name : button(`${name}/`, () => read(path), { class: "name" }),
          );
        },
      },
      {
        title: "Size",
        isNumber: true,
        text: ({ size }) => size === null ? "folder" : bytes(size),
      },
      {
        title: "",
        fill: ({ name, path }, cell) => {
          if (cell.childElementCount > 0) return;
          const share = button("Share", () => void shareIt(path, share), {
            "aria-label": `Share ${name}`,
          });
          cell.append(share);
        },
      },
    ],
  });
  const place = make("p", { class: "path" });
  openDialog({
    title: "Share from the store",
    isWide: true,
    body: [place, make("div", { class: "dialog-list" }, table.element)],
  });
  const read = (path: string): void => {
    get<{ entries: StoreEntry[] }>(`/store?path=${encodeURIComponent(path)}`).then(
      ({ entries }) => {
        const parent = path.split("/").slice(0, -1).join("/");
        const up = path === "" ? [] : [button("Up", () => read(parent)), " "];
        place.replaceChildren(...up, path === "" ? "The store" : path);
        table.show(entries);
      },
      (error: Error) => note(error.message),
    );
  };
  const shareIt = async (path: string, button: HTMLButtonElement, sure = false): Promise<void> => {
    button.disabled = true;
    button.textContent = "Hashing…";
    try {
      const { info_hash: infoHash, name, problems } = await post<
        { info_hash: string; name: string; problems: string[] }
      >("/share", { path, sure });
      for (const problem of problems) note(problem);
      note(`“${name}” is shared`, "good");
      button.textContent = "Shared";
      added(infoHash);
    } catch (error) {
      button.disabled = false;
      button.textContent = "Share";
      if (error instanceof ApiError && error.doubt !== "") {
        askToShare(path, error.doubt, () => void shareIt(path, button, true));
      } else note((error as Error).message);
    }
  };
  read("");
}

/** Asks about what is hardly meant to be shared. */
function askToShare(path: string, doubt: string, share: () => void): void {
  openDialog({
    title: `Share “${path}”?`,
    body: [make("p", { dir: "auto" }, `“${path}” ${doubt}. Share all that is in it?`)],
    buttons: (dialog) => [
      button("Do not share", dialog.close, { autofocus: true }),
      button("Share all of it", () => {
        dialog.close();
        share();
      }, { class: "main" }),
    ],
  });
}
