/**
 * The file list of a v2 torrent (BEP 52): the file tree flattened, each file on a piece boundary.
 *
 * @module
 */
import { anyText, type BencodeDict, type BencodeValue, getBytes, text } from "./bencode.ts";
import { MAX_FILES } from "./bounds.ts";
import { MetainfoError } from "./errors.ts";
import { SHA256_LENGTH } from "./merkle.ts";
import {
  below,
  describe,
  FILES_PER_STEP,
  PathSum,
  tooManyFiles,
  type WrittenPath,
} from "./metainfo_files.ts";
import type { Steps } from "./steps.ts";

/** A file as the tree describes it. */
export interface TreeFile {
  /** Its components as they are written. */
  readonly path: WrittenPath;
  /** Bytes. */
  readonly length: number;
  /** Root of the Merkle tree of its blocks; undefined for an empty file. */
  readonly root: Uint8Array | undefined;
  /** BEP 47: `l` link, `x` executable. */
  readonly attributes: string;
}

/** All files of a tree in its order. @throws {MetainfoError} where it is no file tree */
export function* readFileTree(tree: BencodeDict): Steps<TreeFile[]> {
  if (tree.has("")) throw new MetainfoError("Torrent's file tree is a file");
  const files: TreeFile[] = [];
  yield* collect(tree, { parts: [] }, files, new PathSum());
  if (files.length === 0) throw new MetainfoError("Torrent has no files");
  return files;
}

/**
 * BEP 52 knows one order of files, that of the sorted keys: another one would be read differently by
 * others under the same info hash.
 *
 * @throws {MetainfoError} where a key comes before a smaller one
 */
export function* requireSortedKeys(dict: BencodeDict, what: string): Steps<void> {
  let last: string | undefined;
  let count = 0;
  for (const key of dict.keys()) {
    if (last !== undefined && key < last) {
      throw new MetainfoError(`Torrent has a v2 ${what} whose keys are not in order`);
    }
    last = key;
    if (++count % FILES_PER_STEP === 0) yield;
  }
}

/** Recursion ends where bencode's own limit of nesting does. */
function* collect(
  tree: BencodeDict,
  above: WrittenPath,
  files: TreeFile[],
  sum: PathSum,
): Steps<void> {
  yield* requireSortedKeys(tree, "file tree");
  for (const [key, entry] of tree) {
    if (!(entry instanceof Map)) throw notATree(above.parts);
    const path = below(above, keyPath(key));
    const leaf = entry.get("");
    if (leaf === undefined) {
      yield* collect(entry, path, files, sum);
      continue;
    }
    if (entry.size > 1 || !(leaf instanceof Map)) throw notATree(path.parts);
    if (files.length >= MAX_FILES) throw tooManyFiles();
    sum.add(path.parts);
    files.push(readLeaf(leaf, path));
    if (files.length % FILES_PER_STEP === 0) yield;
  }
}

function readLeaf(leaf: BencodeDict, path: WrittenPath): TreeFile {
  const length: BencodeValue | undefined = leaf.get("length");
  if (typeof length !== "number" || length < 0) {
    throw new MetainfoError(`Torrent has a file with a length of ${describe(length)}`);
  }
  const attributes = anyText(leaf.get("attr")) ?? "";
  if (attributes.includes("p")) {
    throw new MetainfoError("Torrent has a pad file in its file tree: in v2 nothing is padded");
  }
  const root = getBytes(leaf, "pieces root");
  // No content hashes to zeros: it stands for "none" in what others write.
  if (length > 0 && (root?.length !== SHA256_LENGTH || root.every((byte) => byte === 0))) {
    throw new MetainfoError('Torrent has a file without a "pieces root" of 32 bytes');
  }
  return {
    path,
    length,
    root: length > 0 ? root?.slice() : undefined,
    attributes,
  };
}

function notATree(path: readonly string[]): MetainfoError {
  return new MetainfoError(
    `Torrent's file tree has an entry that is neither file nor folder, ${path.length + 1} deep`,
  );
}

/** Keys are bytes written as Latin-1: one character each. */
function keyPath(key: string): WrittenPath {
  const bytes = Uint8Array.from(key, (character) => character.charCodeAt(0));
  const utf8 = text(bytes);
  return utf8 === undefined ? { parts: [anyText(bytes)!], bytes: [bytes] } : { parts: [utf8] };
}
