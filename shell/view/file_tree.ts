/**
 * The files of a torrent as a tree. Pure.
 *
 * @module
 */
import { displayWidth, formatBytes, shorten, visible } from "../base/format.ts";

/** Columns that a name keeps however deep it lies. */
const LEAST_NAME = 8;

/** A folder: its entries, and bytes for a file. */
type Node = Map<string, Node | number>;

/** How a tree is drawn. */
interface TreeLook {
  readonly unicode: boolean;
  /** Names that are too long for so many columns lose their middle. */
  readonly columns: number;
}

/** One line a file or folder, sizes behind files. */
export function fileTree(
  files: readonly { readonly path: string; readonly length: number }[],
  look: TreeLook,
): string {
  const root: Node = new Map();
  for (const { path, length } of files) {
    const parts = path.split("/");
    const name = parts.pop()!;
    let folder = root;
    for (const part of parts) {
      const inside = folder.get(part);
      const next: Node = inside instanceof Map ? inside : new Map();
      folder.set(part, next);
      folder = next;
    }
    folder.set(name, length);
  }
  return treeLines(root, look).map((line) => line + "\n").join("");
}

function treeLines(folder: Node, look: TreeLook, depth = 0): string[] {
  const signs = look.unicode
    ? { branch: "├─ ", last: "└─ ", pass: "│  ", ellipsis: "…" }
    : { branch: "|- ", last: "`- ", pass: "|  ", ellipsis: "~" };
  const entries = [...folder];
  const fit = (name: string, end: string): string => {
    const room = look.columns - 3 * depth - displayWidth(end);
    return shorten(visible(name), Math.max(LEAST_NAME, room), signs.ellipsis) + end;
  };
  return entries.flatMap(([name, inside], index) => {
    const isLast = index === entries.length - 1;
    const head = depth === 0 ? "" : isLast ? signs.last : signs.branch;
    if (typeof inside === "number") return [head + fit(name, `  ${formatBytes(inside)}`)];
    const pass = depth === 0 ? "" : isLast ? "   " : signs.pass;
    return [
      head + fit(name, "/"),
      ...treeLines(inside, look, depth + 1).map((line) => pass + line),
    ];
  });
}
