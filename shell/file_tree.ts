/**
 * The files of a torrent as a tree. Pure.
 *
 * @module
 */
import { formatBytes, visible } from "./format.ts";

/** A folder: its entries, and bytes for a file. */
type Node = Map<string, Node | number>;

/** One line a file or folder, sizes behind files. */
export function fileTree(
  files: readonly { readonly path: string; readonly length: number }[],
  { unicode }: { readonly unicode: boolean },
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
  return treeLines(root, unicode).map((line) => line + "\n").join("");
}

function treeLines(folder: Node, unicode: boolean, depth = 0): string[] {
  const signs = unicode
    ? { branch: "├─ ", last: "└─ ", pass: "│  " }
    : { branch: "|- ", last: "`- ", pass: "|  " };
  const entries = [...folder];
  return entries.flatMap(([name, inside], index) => {
    const isLast = index === entries.length - 1;
    const head = depth === 0 ? "" : isLast ? signs.last : signs.branch;
    const shown = visible(name);
    if (typeof inside === "number") return [`${head}${shown}  ${formatBytes(inside)}`];
    const pass = depth === 0 ? "" : isLast ? "   " : signs.pass;
    return [
      `${head}${shown}/`,
      ...treeLines(inside, unicode, depth + 1).map((line) => pass + line),
    ];
  });
}
