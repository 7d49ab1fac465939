/**
 * File tree: the folders of a torrent, and which rows of them are shown. Pure.
 *
 * @module
 */
import type { FileFacts } from "../api_types.ts";

/** A file with its place among the others. */
export interface FileNode {
  readonly kind: "file";
  readonly name: string;
  /** Of all files, as they were given. */
  readonly index: number;
}

/** A folder of the torrent. */
export interface FolderNode {
  readonly kind: "folder";
  readonly name: string;
  readonly path: string;
  readonly folders: Map<string, FolderNode>;
  readonly files: FileNode[];
}

/** A line of the tree. */
export type TreeRow =
  | {
    readonly kind: "file";
    readonly key: string;
    readonly name: string;
    readonly depth: number;
    readonly file: FileFacts;
  }
  | {
    readonly kind: "folder";
    readonly key: string;
    readonly name: string;
    readonly depth: number;
    readonly isOpen: boolean;
    readonly sums: FolderSums;
    readonly node: FolderNode;
  };

/** What the files below a folder come to. */
export interface FolderSums {
  readonly files: number;
  readonly length: number;
  readonly have: number;
  /** Files that are not skipped. */
  readonly wanted: number;
}

/** Rows of a tree that is shown open at first. */
const FEW = 100;

/** The folders of these files. */
export function treeOf(files: readonly Pick<FileFacts, "path">[]): FolderNode {
  const root = newFolder("", "");
  for (const [index, { path }] of files.entries()) {
    const parts = path.split("/");
    const name = parts.pop()!;
    let folder = root;
    for (const part of parts) {
      let next = folder.folders.get(part);
      if (next === undefined) {
        next = newFolder(part, folder.path === "" ? part : `${folder.path}/${part}`);
        folder.folders.set(part, next);
      }
      folder = next;
    }
    folder.files.push({ kind: "file", name, index });
  }
  return root;
}

function newFolder(name: string, path: string): FolderNode {
  return { kind: "folder", name, path, folders: new Map(), files: [] };
}

/** Paths of the folders that are open at first: all of a small tree, of a large one the way in. */
export function openAtFirst(root: FolderNode, fileCount: number): Set<string> {
  const open = new Set<string>();
  if (fileCount > FEW) {
    for (let at = root; at.folders.size === 1 && at.files.length === 0;) {
      at = at.folders.values().next().value!;
      open.add(at.path);
    }
    return open;
  }
  const visit = (folder: FolderNode) => {
    for (const one of folder.folders.values()) {
      open.add(one.path);
      visit(one);
    }
  };
  visit(root);
  return open;
}

/** The lines of the tree: below open folders, or with a filter the files whose path has its words. */
export function treeRows(
  root: FolderNode,
  files: readonly FileFacts[],
  { open, filter }: { readonly open: ReadonlySet<string>; readonly filter: string },
): TreeRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length > 0) {
    return files.filter(({ path }) => hasWords(path, words)).map((file): TreeRow => ({
      kind: "file",
      key: `f${file.path}`,
      name: file.path,
      depth: 0,
      file,
    }));
  }
  const rows: TreeRow[] = [];
  const sums = sumsOf(root, files);
  const visit = (folder: FolderNode, depth: number) => {
    for (const node of folder.folders.values()) {
      const isOpen = open.has(node.path);
      const { name, path } = node;
      const about = { key: `d${path}`, name, depth, isOpen, sums: sums.get(node)!, node };
      rows.push({ kind: "folder", ...about });
      if (isOpen) visit(node, depth + 1);
    }
    for (const { name, index } of folder.files) {
      const file = files[index]!;
      rows.push({ kind: "file", key: `f${file.path}`, name, depth, file });
    }
  };
  visit(root, 0);
  return rows;
}

/** Numbers of the files below a row, or its own: what `select` takes. */
export function numbersOf(row: TreeRow, files: readonly FileFacts[]): number[] {
  if (row.kind === "file") return row.file.number === null ? [] : [row.file.number];
  const numbers: number[] = [];
  const visit = (folder: FolderNode) => {
    for (const one of folder.folders.values()) visit(one);
    for (const { index } of folder.files) {
      const { number } = files[index]!;
      if (number !== null) numbers.push(number);
    }
  };
  visit(row.node);
  return numbers;
}

/** `1-3,7`: numbers as `select` takes them, in ranges where they follow each other. */
export function rangesOf(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    ranges.push(end === at ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return ranges.join(",");
}

function hasWords(path: string, words: readonly string[]): boolean {
  const text = path.toLowerCase();
  return words.every((word) => text.includes(word));
}

function sumsOf(root: FolderNode, files: readonly FileFacts[]): Map<FolderNode, FolderSums> {
  const sums = new Map<FolderNode, FolderSums>();
  const visit = (folder: FolderNode): FolderSums => {
    const sum = { files: 0, length: 0, have: 0, wanted: 0 };
    for (const one of folder.folders.values()) {
      const below = visit(one);
      sum.files += below.files;
      sum.length += below.length;
      sum.have += below.have;
      sum.wanted += below.wanted;
    }
    for (const { index } of folder.files) {
      const { length, have, priority } = files[index]!;
      sum.files++;
      sum.length += length;
      sum.have += have;
      if (priority !== "skip") sum.wanted++;
    }
    sums.set(folder, sum);
    return sum;
  };
  visit(root);
  return sums;
}
