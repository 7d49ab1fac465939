/**
 * Two reports side by side as one page.
 *
 * @module
 */
import { type DataTable, escaped } from "./figure.ts";
import { page, tableBlock } from "./page.ts";

/** One of the two. */
export interface ComparedSide {
  readonly name: string;
  readonly verdict: string;
  /** id → drawing, without a style of its own */
  readonly drawings: ReadonlyMap<string, string>;
}

/** The page. */
export function comparePage(sides: readonly ComparedSide[], table: DataTable): string {
  const ids = [...new Set(sides.flatMap(({ drawings }) => [...drawings.keys()]))];
  const pairs = ids.map((id) => {
    const cells = sides.map(({ name, drawings }) =>
      `<div><p class="quiet">${escaped(name)}</p>${
        drawings.get(id) ?? "<p>Not drawn here.</p>"
      }</div>`
    );
    return `<h2>${escaped(id.replaceAll("-", " "))}</h2><div class="pair">${cells.join("")}</div>`;
  });
  const names = sides.map(({ name }) => name).join(" and ");
  return page(
    names,
    `<p class="quiet">vtorrent lab compare</p><h1>${escaped(names)}</h1>
${sides.map(({ name, verdict }) => `<p>${escaped(name)}: ${escaped(verdict)}</p>`).join("")}
${tableBlock(table)}${pairs.join("\n")}`,
  );
}
