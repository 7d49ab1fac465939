/**
 * Dialogs: a question or a view over the page, which Escape closes.
 *
 * @module
 */
/// <reference lib="dom" />
import { button, make } from "./dom.ts";

let opened = 0;

/** A dialog that is open. */
export interface OpenDialog {
  readonly element: HTMLDialogElement;
  close(): void;
}

/**
 * Opens a dialog; it is gone when it is closed.
 *
 * @param options.buttons a row at the end, the one to confirm with last; "Close" where there are none
 */
export function openDialog(options: {
  readonly title: string;
  readonly body: readonly (Node | string)[];
  readonly buttons?: (dialog: OpenDialog) => readonly HTMLButtonElement[];
  /** For lists, which take more room. */
  readonly isWide?: boolean;
  readonly onClose?: () => void;
}): OpenDialog {
  const id = `dialog-${++opened}`;
  const element: HTMLDialogElement = make("dialog", {
    "aria-labelledby": id,
    class: options.isWide ? "wide" : "",
    onclose: () => {
      element.remove();
      options.onClose?.();
    },
    // A click beside it is a click on its backdrop.
    onclick: (event) => event.target === element && isOutside(element, event) && element.close(),
  });
  const dialog = { element, close: () => element.close() };
  const buttons = options.buttons?.(dialog) ?? [button("Close", dialog.close)];
  element.append(
    make("h2", { id, dir: "auto" }, options.title),
    ...options.body,
    make("p", { class: "choices" }, ...buttons),
  );
  document.body.append(element);
  element.showModal();
  return dialog;
}

function isOutside(element: HTMLElement, event: Event): boolean {
  const { clientX: x, clientY: y } = event as MouseEvent;
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return x < left || x > right || y < top || y > bottom;
}

/** Asks for one line of text; `done` gets it, trimmed. */
export function askText(options: {
  readonly title: string;
  readonly label: string;
  readonly value?: string;
  readonly hint?: string;
  readonly confirm: string;
  readonly done: (text: string) => void;
}): void {
  const input = make("input", {
    type: "text",
    id: "asked-text",
    autocomplete: "off",
    spellcheck: "false",
    autofocus: true,
    value: options.value ?? "",
  });
  const submit = (dialog: OpenDialog) => {
    dialog.close();
    options.done(input.value.trim());
  };
  const dialog = openDialog({
    title: options.title,
    body: [
      make("p", { class: "asked" }, make("label", { for: "asked-text" }, options.label), input),
      ...options.hint === undefined ? [] : [make("p", { class: "hint" }, options.hint)],
    ],
    buttons: (dialog) => [
      button("Cancel", dialog.close),
      button(options.confirm, () => submit(dialog), { class: "main" }),
    ],
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") submit(dialog);
  });
  input.select();
}
