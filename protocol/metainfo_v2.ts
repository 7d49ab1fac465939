/**
 * The v2 part of an info dictionary (BEP 52): its files in the space of pieces, and whether a
 * hybrid's two parts say the same.
 *
 * @module
 */
import { anyText, type BencodeDict, getDict, getText } from "./bencode.ts";
import { MetainfoError } from "./errors.ts";
import { readFileTree, type TreeFile } from "./file_tree.ts";
import { BLOCK_LENGTH } from "./piece_layout.ts";
import {
  below,
  type FileList,
  FILES_PER_STEP,
  type MetainfoFile,
  namePath,
  pathOf,
  readFiles,
  readName,
  readPath,
} from "./metainfo_files.ts";
import type { Steps } from "./steps.ts";

/** Whether an info dictionary has a v2 part. @throws {MetainfoError} for versions to come */
export function hasV2(info: BencodeDict): boolean {
  const version = info.get("meta version");
  if (version === undefined) return false;
  if (typeof version === "number" && version >= 1 && version <= 2) return version === 2;
  throw new MetainfoError("Torrent is of a version that is not known here: BEP 52 knows version 2");
}

/** @throws {MetainfoError} where BEP 52 does not allow it */
export function requireV2PieceLength(length: number): void {
  if (length >= BLOCK_LENGTH && Number.isInteger(Math.log2(length))) return;
  throw new MetainfoError(
    `Torrent has a piece length of ${length}: v2 wants a power of two from ${BLOCK_LENGTH}`,
  );
}

/**
 * The files of a v2-only torrent. What lies between the end of a file and the next piece is a pad
 * file here, so that offsets add up; on the wire and on disk there is nothing.
 */
export function* readV2Files(info: BencodeDict, pieceLength: number): Steps<FileList> {
  const name = readName(info);
  const tree = yield* readTree(info);
  const [only] = tree;
  // A single entry of another name is a folder's only file.
  const multiFile = tree.length > 1 || only!.path.parts.length > 1 || only!.path.parts[0] !== name;
  const top = namePath(info);
  const files: MetainfoFile[] = [];
  let offset = 0;
  for (const [index, file] of tree.entries()) {
    if (index % FILES_PER_STEP === 0) yield;
    const gap = (pieceLength - offset % pieceLength) % pieceLength;
    if (gap > 0 && file.length > 0) {
      files.push({
        ...pathOf(below(top, { parts: [".pad", `${gap}`] })),
        length: gap,
        offset,
        pad: true,
        symlink: false,
        executable: false,
      });
      offset += gap;
    }
    files.push({
      ...pathOf(multiFile ? below(top, file.path) : file.path),
      length: file.length,
      offset,
      pad: false,
      symlink: file.attributes.includes("l"),
      executable: file.attributes.includes("x"),
      ...(file.root && { piecesRoot: file.root }),
    });
    offset += file.length;
    if (!Number.isSafeInteger(offset)) {
      throw new MetainfoError("Torrent's files are too large in all");
    }
  }
  return { name, files, multiFile };
}

/**
 * The files of a hybrid: those of its v1 part, with the roots of the other.
 *
 * @throws {MetainfoError} where the parts differ in name, order, length or alignment of a file
 */
export function* readHybridFiles(info: BencodeDict, pieceLength: number): Steps<FileList> {
  const list = yield* readFiles(info);
  const tree = yield* readTree(info);
  const v1Path = rawPaths(info);
  let at = 0;
  for (const [index, file] of list.files.entries()) {
    if (index % FILES_PER_STEP === 0) yield;
    if (file.pad) continue;
    const twin = tree[at++];
    if (twin?.length !== file.length || !isSame(twin.path.parts, v1Path(index))) {
      throw disagree(`file ${at} is not the same`);
    }
    if (twin.root === undefined) continue;
    if (file.offset % pieceLength !== 0) throw disagree(`file ${at} does not begin a piece`);
    file.piecesRoot = twin.root;
  }
  if (at !== tree.length) throw disagree("one has more files than the other");
  return list;
}

function readTree(info: BencodeDict): Steps<TreeFile[]> {
  const tree = getDict(info, "file tree");
  if (tree === undefined) throw new MetainfoError('Torrent has no "file tree"');
  return readFileTree(tree);
}

/** The paths of the v1 part. A single file has only the torrent's name, which the tree repeats. */
function rawPaths(info: BencodeDict): (index: number) => readonly string[] {
  const list = info.get("files");
  if (!Array.isArray(list)) {
    const path = [getText(info, "name.utf-8") ?? anyText(info.get("name"))!];
    return () => path;
  }
  return (index) => readPath(list[index] as BencodeDict, index + 1).parts;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

function disagree(how: string): MetainfoError {
  return new MetainfoError(`Torrent's v1 and v2 parts disagree: ${how}`);
}
