/**
 * Writing the file tree of a v2 torrent (BEP 52).
 *
 * @module
 */
import type { BencodeInput } from "./bencode.ts";
import type { Steps } from "./steps.ts";

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
export function* fileTreeSteps(
  files: readonly NewTreeFile[],
): Steps<ReadonlyMap<string, BencodeInput>> {
  const tree: Tree = new Map();
  for (const { path, length, root } of files) {
    yield;
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

/**
 * What orders paths as a file tree has them: by the bytes of one component after the other. Compared as
 * it is: to be made once for each path, since a sort compares each many times.
 */
export function treeOrderKey(path: readonly string[]): string {
  // No name has a zero byte, and what ends first comes first.
  return path.map(byteText).join("\0");
}

const encoder = new TextEncoder();

/**
 * UTF-8 as text of one character a byte: how dictionaries have their keys here. Texts of it compare as
 * most systems and other clients compare names.
 */
export function byteText(text: string): string {
  let bytes = "";
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
