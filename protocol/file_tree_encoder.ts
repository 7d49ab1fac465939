/**
 * Writing the file tree of a v2 torrent (BEP 52).
 *
 * @module
 */
import type { BencodeInput } from "./bencode.ts";

/** A file to be described. */
export interface NewTreeFile {
  /** Components. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  /** Root of its Merkle tree; none for an empty file. */
  readonly root?: Uint8Array | undefined;
}

type Tree = Map<string, BencodeInput>;

/** The tree of these files. */
export function newFileTree(files: readonly NewTreeFile[]): ReadonlyMap<string, BencodeInput> {
  const tree: Tree = new Map();
  for (const { path, length, root } of files) {
    let folder = tree;
    for (const name of path) {
      const key = byteText(name);
      const next = folder.get(key) as Tree | undefined ?? new Map();
      folder.set(key, next);
      folder = next;
    }
    folder.set("", root === undefined ? { length } : { length, "pieces root": root });
  }
  return tree;
}

/** The order in which a file tree has two paths: by the bytes of one component after the other. */
export function compareTreePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue;
    return compareBytes(a[i]!, b[i]!);
  }
  return a.length - b.length;
}

const encoder = new TextEncoder();

/** Orders texts by their bytes in UTF-8, as most systems and other clients do. */
export function compareBytes(a: string, b: string): number {
  const [one, other] = [byteText(a), byteText(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** UTF-8 as text of one character a byte: how dictionaries have their keys here. */
function byteText(text: string): string {
  let bytes = "";
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
