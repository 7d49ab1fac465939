/**
 * The table of other clients in `docs/other-clients.md`.
 *
 * @module
 */
import { type Column, COLUMNS, lackOf, type Make, MAKES } from "../tests/interop/makes.ts";

const NAMES = Object.keys(COLUMNS) as Column[];

/** The matrix in Markdown: a table, its columns in words, and what is missing and why. */
export function matrixPart(): string {
  const rows = MAKES.map((make) => [
    `${make.name} ${make.version}`,
    ...NAMES.map((column) => {
      const can = (["seeds", "downloads"] as const)
        .filter((task) => lackOf(make, column, task) === undefined);
      return can.length === 2 ? "both" : can[0] ?? "no";
    }),
  ]);
  return [
    table(["", ...NAMES], rows),
    items(NAMES.map((column) => `${column}: ${COLUMNS[column]}.`)),
    "Unsupported combinations:",
    items(MAKES.flatMap(lacksOf)),
    "Delays:",
    items(MAKES.flatMap(({ name, habits }) => habits.map((habit) => `${name} ${habit}.`))),
  ].join("\n\n");
}

function lacksOf({ name, lacks }: Make): string[] {
  return NAMES.flatMap((column) => {
    const lack = lacks[column];
    if (lack === undefined) return [];
    if (typeof lack === "string") return [`${name}, ${column}: ${lack}.`];
    return Object.entries(lack).map(([task, why]) => `${name} ${task}, ${column}: ${why}.`);
  });
}

/** A table with columns as wide as the formatter makes them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

/** A list, in lines of at most 100 characters. */
function items(texts: readonly string[]): string {
  return texts.map((text) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const line = lines.at(-1)!;
      if (line.length + word.length > 97) lines.push(word);
      else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    }
    return `- ${lines.join("\n  ")}`;
  }).join("\n");
}
