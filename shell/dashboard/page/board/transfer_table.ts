/**
 * The table of transfers: a part for each giver, a row for each peer that it serves, and why. Rows
 * keep their places and their height.
 *
 * @module
 */
/// <reference lib="dom" />
import { TERMS } from "./board_words.ts";
import { make, setText } from "../dom.ts";
import { explained } from "../tips.ts";
import type { TransferGroup, TransferRow } from "./transfer_groups.ts";
import { bytes, count, rate } from "../words.ts";

const LABEL = "Which peer serves which, and why";
const EMPTY = "No peer reports its transfers yet. Peers on the tracker's machine do so by " +
  "themselves, others with --report.";

interface Part {
  readonly body: HTMLTableSectionElement;
  readonly head: HTMLElement;
  readonly rows: Map<string, HTMLTableRowElement>;
}

/** The table. */
export class TransferTable {
  readonly element: HTMLElement;
  readonly #table: HTMLTableElement;
  readonly #empty = make("p", { class: "empty" }, EMPTY);
  readonly #more = make("p", { class: "hint", hidden: true });
  readonly #parts = new Map<string, Part>();

  constructor() {
    const head = (title: string | HTMLElement, isNumber = false) =>
      make("th", { scope: "col", class: isNumber ? "number" : "" }, title);
    this.#table = make(
      "table",
      { class: "transfers", "aria-label": LABEL },
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          head("From"),
          head("To"),
          head("Rate", true),
          head("So far", true),
          head(explained("It is", TERMS.choked, "head")),
          head("Because"),
        ),
      ),
    );
    const box = { class: "scroll", tabindex: 0, role: "region", "aria-label": LABEL };
    this.element = make("div", {}, make("div", box, this.#table), this.#empty, this.#more);
    this.show({ groups: [], leftOut: 0 });
  }

  /** Shows these groups in their order. */
  show({ groups, leftOut }: { groups: readonly TransferGroup[]; leftOut: number }): void {
    this.#empty.hidden = groups.length > 0;
    this.#table.parentElement!.hidden = groups.length === 0;
    this.#more.hidden = leftOut === 0;
    setText(
      this.#more,
      `${count(leftOut, "more transfer")} ${leftOut === 1 ? "is" : "are"} not shown`,
    );
    const here = new Set(groups.map(({ id }) => id));
    for (const [id, { body }] of this.#parts) {
      if (here.has(id)) continue;
      body.remove();
      this.#parts.delete(id);
    }
    for (const [at, group] of groups.entries()) {
      const part = this.#partOf(group.id);
      place(this.#table, part.body, at + 1);
      this.#showGroup(part, group);
    }
  }

  #showGroup({ body, head, rows }: Part, group: TransferGroup): void {
    setText(
      head,
      `${group.name} gives ${group.rate > 0 ? rate(group.rate) : "nothing now"}` +
        (group.given > 0 ? `, ${bytes(group.given)} so far` : ""),
    );
    const here = new Set(group.rows.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (here.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    for (const [at, row] of group.rows.entries()) {
      let element = rows.get(row.id);
      if (element === undefined) rows.set(row.id, element = makeRow());
      // The first row of a part is its head.
      place(body, element, at + 1);
      showRow(element, group.name, row);
    }
  }

  #partOf(id: string): Part {
    let part = this.#parts.get(id);
    if (part === undefined) {
      const head = make("th", { scope: "rowgroup", colspan: 6, dir: "auto" });
      const body = make("tbody", {}, make("tr", { class: "giver" }, head));
      this.#parts.set(id, part = { body, head, rows: new Map() });
    }
    return part;
  }
}

/** Puts an element where it belongs, if it is not there. */
function place(parent: Element, child: Element, at: number): void {
  if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
}

function makeRow(): HTMLTableRowElement {
  return make(
    "tr",
    {},
    make("td", { class: "again", dir: "auto" }),
    make("th", { scope: "row", dir: "auto" }),
    make("td", { class: "number" }),
    make("td", { class: "number" }),
    make("td"),
    make("td", { dir: "auto" }),
  );
}

function showRow(element: HTMLTableRowElement, giver: string, row: TransferRow): void {
  element.classList.toggle("idle", row.isIdle);
  const texts = [
    giver,
    row.name,
    rate(row.rate),
    row.given === 0 ? "–" : bytes(row.given),
    row.standing,
    row.why,
  ];
  for (const [at, text] of texts.entries()) setText(element.children[at]!, text);
}
