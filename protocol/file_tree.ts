/**
 * The file list of a v2 torrent (BEP 52): the file tree flattened, each file on a piece boundary.
 *
 * @module
 */
import { anyText, type BencodeDict, type BencodeValue, getBytes } from "./bencode.ts";
import { MetainfoError } from "./errors.ts";
import { SHA256_LENGTH } from "./merkle.ts";
import { describe, refuseEscape } from "./metainfo_files.ts";

/** A file as the tree describes it. */
export interface TreeFile {
  /** Its components as text, before they are made safe. */
  readonly path: string[];
  /** Bytes. */
  readonly length: number;
  /** Root of the Merkle tree of its blocks; undefined for an empty file. */
  readonly root: Uint8Array | undefined;
  /** BEP 47: `l` link, `x` executable. */
  readonly attributes: string;
}

/** All files of a tree in its order. @throws {MetainfoError} where it is no file tree */
export function readFileTree(tree: BencodeDict): TreeFile[] {
  if (tree.has("")) throw new MetainfoError("Torrent's file tree is a file");
  const files: TreeFile[] = [];
  collect(tree, [], files);
  if (files.length === 0) throw new MetainfoError("Torrent has no files");
  return files;
}

/** Recursion ends where bencode's own limit of nesting does. */
function collect(tree: BencodeDict, above: readonly string[], files: TreeFile[]): void {
  for (const [key, entry] of tree) {
    if (!(entry instanceof Map)) throw notATree(above);
    const path = [...above, keyText(key)];
    refuseEscape(path);
    const leaf = entry.get("");
    if (leaf === undefined) {
      collect(entry, path, files);
      continue;
    }
    if (entry.size > 1 || !(leaf instanceof Map)) throw notATree(path);
    files.push(readLeaf(leaf, path));
  }
}

function readLeaf(leaf: BencodeDict, path: string[]): TreeFile {
  const length: BencodeValue | undefined = leaf.get("length");
  if (typeof length !== "number" || length < 0) {
    throw new MetainfoError(`Torrent has a file with a length of ${describe(length)}`);
  }
  const root = getBytes(leaf, "pieces root");
  if (length > 0 && root?.length !== SHA256_LENGTH) {
    throw new MetainfoError('Torrent has a file without a "pieces root" of 32 bytes');
  }
  return {
    path,
    length,
    root: length > 0 ? root?.slice() : undefined,
    attributes: anyText(leaf.get("attr")) ?? "",
  };
}

function notATree(path: readonly string[]): MetainfoError {
  return new MetainfoError(
    `Torrent's file tree has an entry that is neither file nor folder, ${path.length + 1} deep`,
  );
}

/** Keys are bytes written as Latin-1: one character each. */
function keyText(key: string): string {
  return anyText(Uint8Array.from(key, (character) => character.charCodeAt(0)))!;
}
