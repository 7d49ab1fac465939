/**
 * File verification for a person: which files on disk are whole.
 *
 * @module
 */
import { join } from "@std/path";
import { Bitfield } from "../../protocol/bitfield.ts";
import { layoutOf } from "../../protocol/padded_layout.ts";
import type { Info } from "../../protocol/metainfo.ts";
import { writtenPath } from "../../protocol/metainfo_files.ts";
import { checkPieceLayers, type PieceLayers } from "../../protocol/piece_layers.ts";
import { type FoundFile, type Verdict, verdictsOf } from "./file_verdicts.ts";
import { HashTrees } from "../v2/hash_trees.ts";
import { StorageError } from "../ports.ts";
import { FileStore } from "../storage/file_store.ts";
import { lookBeside } from "../storage/look_beside.ts";
import { isNotUtf8, NOT_UTF8, shownPath } from "../storage/name_encoding.ts";
import { sha256 } from "../hashing/node_hash.ts";
import { toStorageError } from "../storage/storage_error.ts";
import type { PresentFile } from "../pieces/file_map.ts";
import { verifyPieces } from "./verifier.ts";

export interface VerifyFilesOptions {
  readonly info: Info;
  /** Of a v2 or hybrid torrent; checked here against the roots of its files. */
  readonly pieceLayers?: PieceLayers | undefined;
  /** The folder that holds the torrent's file or folder. */
  readonly dir: string;
  /** Called now and then with the number of pieces checked and of those that were good. */
  readonly onProgress?: ((checked: number, good: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why a file is not good, beside its pieces. */
export type FileProblem = "missing" | "not-a-file" | "unreadable" | "length" | "unfinished";

export interface VerifiedFile {
  readonly path: string;
  /** The name it has on disk, relative to the folder, where that is another: see `NamesBeside`. */
  readonly foundAt: string | undefined;
  /** Length in bytes that it should have. */
  readonly length: number;
  /** Length in bytes that it has; undefined where it is missing. */
  readonly actualLength: number | undefined;
  /** "good": all its pieces are, and it is as long as it should be. */
  readonly verdict: Verdict;
  readonly problem: FileProblem | undefined;
  /** Why the system does not let it be read. */
  readonly reason: string | undefined;
  /** Pieces (by number, from 0) that are wrong, or not there, in this file. */
  readonly badPieces: readonly number[];
  /** Pieces that are not good, of which it cannot be told whether this file is the reason. */
  readonly unknownPieces: readonly number[];
  /** Paths of files that those lie in, too. */
  readonly sharedWith: readonly string[];
}

export interface VerifiedFiles {
  readonly piecesTotal: number;
  readonly piecesGood: number;
  readonly complete: boolean;
  /** Without padding and links. */
  readonly files: VerifiedFile[];
}

/** Checks a torrent's files. Changes nothing. @throws {StorageError} where a folder leads elsewhere
 * @throws {MetainfoError} where a piece layer is not its file's */
export async function verifyFiles(options: VerifyFilesOptions): Promise<VerifiedFiles> {
  const { info, dir, signal } = options;
  const layers = options.pieceLayers ?? new Map();
  checkPieceLayers(info.files, info.pieceLength, layers, sha256, info.kind === "v2");
  const layout = layoutOf(info);
  await using store = await FileStore.open({ dir, files: info.files, layout });
  const trees = HashTrees.of(info, layers, sha256);
  const unreadable = new Unreadable(store);
  const verify = (pieces: number[] | undefined, onProgress?: VerifyFilesOptions["onProgress"]) =>
    verifyReadable(unreadable, { layout, hashes: info.pieces, trees, pieces, onProgress, signal });
  const good = await verify(undefined, options.onProgress);
  await lookBeside({ store, layout, have: good, parts: false, verify });

  const entries = await store.onDisk.entries();
  const reasons = (await unreadable.reasons()).map((reason, index) => {
    if (reason !== undefined || entries[index] !== undefined) return reason;
    return liesUnderBytes(info.files[index]!, dir) ? `it ${NOT_UTF8}` : undefined;
  });
  const found = info.files.map(({ offset, length, pad, symlink }, index): FoundFile => ({
    offset,
    length,
    isVirtual: pad || symlink,
    size: entries[index]?.size,
    isFinal: store.onDisk.isFinal(index),
    isReadable: reasons[index] === undefined,
  }));
  const verdicts = verdictsOf(layout, found, good);
  const names = store.paths;
  const problemOf = (index: number): FileProblem | undefined => {
    const { size, isReadable, isFinal, length } = found[index]!;
    if (!isReadable) return "unreadable";
    if (size === undefined) return isThere(join(dir, names[index]!)) ? "not-a-file" : "missing";
    if (!isFinal) return "unfinished";
    return size === length ? undefined : "length";
  };
  const files = info.files.flatMap((file, index): VerifiedFile[] => {
    if (file.pad || file.symlink) return [];
    const { verdict, badPieces, unknownPieces, sharedWith } = verdicts[index]!;
    return [{
      path: file.path,
      foundAt: names[index] === file.path ? undefined : names[index],
      length: file.length,
      actualLength: found[index]!.size,
      verdict,
      problem: problemOf(index),
      reason: reasons[index],
      badPieces,
      unknownPieces,
      sharedWith: sharedWith.map((other) => info.files[other]!.path),
    }];
  });
  return {
    piecesTotal: layout.pieceCount,
    piecesGood: good.count,
    complete: good.isFull && files.every((file) => file.verdict === "good"),
    files,
  };
}

/** Whether a file lies where the torrent says, under a name that nothing can be opened by. */
function liesUnderBytes(file: Info["files"][number], dir: string): boolean {
  const { bytes } = writtenPath(file);
  return bytes !== undefined && isNotUtf8(shownPath(dir, bytes));
}

/** The files of a store; of those that the system does not let us read there is nothing. */
class Unreadable {
  /** For `verifyPieces`. */
  readonly onDisk = { all: () => this.#all() };
  readonly #store: FileStore;
  readonly #reasons = new Map<string, string>();

  constructor(store: FileStore) {
    this.#store = store;
  }

  async #all(): Promise<PresentFile[]> {
    return (await this.#store.onDisk.all()).map((file) =>
      file.path !== undefined && this.#reasons.has(file.path) ? { ...file, present: 0 } : file
    );
  }

  /** Of each file why it cannot be read; undefined where it can be, or is not there. */
  async reasons(): Promise<(string | undefined)[]> {
    return (await this.#store.onDisk.all()).map(({ path }) =>
      path === undefined ? undefined : this.#reasons.get(path)
    );
  }

  /** Whether it is of a file that was thought to be readable. */
  async note(problem: StorageError): Promise<boolean> {
    const { path } = problem;
    const isNew = !this.#reasons.has(path) &&
      (await this.#store.onDisk.all()).some((file) => file.path === path);
    this.#reasons.set(path, reasonOf(problem));
    return isNew;
  }

  /** Finds files that cannot be opened, before their neighbours are hashed. */
  async look(): Promise<void> {
    for (const { path, present } of await this.#store.onDisk.all()) {
      if (path === undefined || present === 0 || this.#reasons.has(path)) continue;
      try {
        Deno.openSync(path, { read: true }).close();
      } catch (error) {
        const problem = toStorageError(error, "read", path);
        if (problem.kind !== "missing") this.#reasons.set(path, reasonOf(problem));
      }
    }
  }
}

type PiecesToVerify = Omit<Parameters<typeof verifyPieces>[0], "store" | "onPiece">;

/** One file that cannot be read does not keep the others from being checked. */
async function verifyReadable(store: Unreadable, options: PiecesToVerify): Promise<Bitfield> {
  const { layout } = options;
  const good = new Bitfield(layout.pieceCount);
  const left = new Set(options.pieces ?? Array.from({ length: layout.pieceCount }, (_, i) => i));
  const all = left.size;
  await store.look();
  for (;;) {
    try {
      await verifyPieces({
        ...options,
        store,
        pieces: [...left],
        onPiece: (piece, isGood) => {
          left.delete(piece);
          if (isGood) good.add(piece);
          options.onProgress?.(all - left.size, good.count);
        },
        onProgress: undefined,
      });
      return good;
    } catch (error) {
      if (!(error instanceof StorageError) || !await store.note(error)) throw error;
    }
  }
}

/** `permission denied`: what follows the name, without advice. */
function reasonOf({ path, message }: StorageError): string {
  return message.replace(`Cannot read ${path}: `, "").split(": ", 1)[0]!;
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
