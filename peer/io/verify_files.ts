/**
 * What a person wants to know of files on disk: which are whole.
 *
 * @module
 */
import { layoutOf } from "../../protocol/info_layout.ts";
import type { Info } from "../../protocol/metainfo.ts";
import { checkPieceLayers, type PieceLayers } from "../../protocol/piece_layers.ts";
import { HashTrees } from "../logic/hash_trees.ts";
import { FileStore } from "./file_store.ts";
import { sha256 } from "./sha256.ts";
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

export interface VerifiedFile {
  readonly path: string;
  /** Length in bytes that it should have. */
  readonly length: number;
  /** Length in bytes that it has; undefined where it is missing. */
  readonly actualLength: number | undefined;
  /** Whether all its pieces are good and it is as long as it should be. */
  readonly good: boolean;
}

export interface VerifiedFiles {
  readonly piecesTotal: number;
  readonly piecesGood: number;
  readonly complete: boolean;
  /** Without padding and links. */
  readonly files: VerifiedFile[];
}

/** Checks a torrent's files. Changes nothing. @throws {StorageError} where one cannot be read
 * @throws {MetainfoError} where a piece layer is not its file's */
export async function verifyFiles(options: VerifyFilesOptions): Promise<VerifiedFiles> {
  const { info, dir } = options;
  const layers = options.pieceLayers ?? new Map();
  checkPieceLayers(info.files, info.pieceLength, layers, sha256, info.kind === "v2");
  const layout = layoutOf(info);
  await using store = await FileStore.open({ dir, files: info.files, layout });
  const good = await verifyPieces({
    store,
    layout,
    hashes: info.pieces,
    trees: HashTrees.of(info, layers, sha256),
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const files: VerifiedFile[] = [];
  for (const [index, { path, offset, length, pad, symlink }] of info.files.entries()) {
    if (pad || symlink) continue;
    const actualLength = store.entry(index)?.size;
    const pieces = layout.piecesOf(offset, length);
    let isGood = actualLength === length;
    for (let i = pieces?.first ?? 0; i <= (pieces?.last ?? -1); i++) isGood &&= good.has(i);
    files.push({ path, length, actualLength, good: isGood });
  }
  return {
    piecesTotal: layout.pieceCount,
    piecesGood: good.count,
    complete: good.isFull && files.every((file) => file.good),
    files,
  };
}
