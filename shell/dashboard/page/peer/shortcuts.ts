/**
 * Shortcuts: keys that work wherever the keyboard is, and the list of all of them.
 *
 * @module
 */
/// <reference lib="dom" />
import { openDialog } from "../dialogs.ts";
import { make } from "../dom.ts";

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["/", "search the list; Enter or ↓ goes to what is found, Escape to all"],
  ["↑ ↓ PgUp PgDn Home End", "move in the list"],
  ["Enter", "details of a torrent"],
  ["Space", "select it, or not any more"],
  ["Shift + ↑ ↓", "select several"],
  ["Ctrl + A", "select all that the list shows"],
  ["Delete", "remove what is selected"],
  ["Escape", "select none; close the details"],
  ["Ctrl + V", "add a copied magnet link or .torrent"],
  ["?", "this list"],
];

/** Listens for them. */
export function listenForKeys(owner: {
  readonly search: () => void;
  /** Whether there was something to close. */
  readonly close: () => boolean;
}): void {
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (document.querySelector("dialog[open]") !== null) return;
    const isTyping = target.closest("input:not([type=checkbox]), textarea, select") !== null;
    if (event.key === "Escape") {
      if (!event.defaultPrevented && owner.close()) event.preventDefault();
      return;
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") owner.search();
    else if (event.key === "?") openShortcuts();
    else return;
    event.preventDefault();
  });
}

/** Shows the list. */
export function openShortcuts(): void {
  openDialog({
    title: "Keys",
    body: [
      make(
        "dl",
        { class: "facts keys" },
        ...KEYS.flatMap(([keys, does]) => [
          make("dt", {}, make("kbd", {}, keys)),
          make("dd", {}, does),
        ]),
      ),
      make(
        "p",
        { class: "hint" },
        "Drop .torrent files and magnet links anywhere. With a mouse, Ctrl and Shift select " +
          "several rows.",
      ),
    ],
  });
}
