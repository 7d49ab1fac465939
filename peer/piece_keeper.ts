/**
 * What happens to a piece when its last block is there: hash and write.
 *
 * @module
 */
import type { Bitfield } from "../protocol/bitfield.ts";
import { equalBytes, ID_LENGTH } from "../protocol/bytes20.ts";
import type { Layout } from "../protocol/layout.ts";
import type { Info } from "../protocol/metainfo.ts";
import type { Hasher, PieceStore } from "./ports.ts";

/** One torrent's way to the disk. Errors of the file system surface as `StorageError`. */
export class PieceKeeper {
  readonly #info: Info;
  readonly #hasher: Hasher;
  readonly #store: PieceStore;

  constructor(info: Info, hasher: Hasher, store: PieceStore) {
    this.#info = info;
    this.#hasher = hasher;
    this.#store = store;
  }

  /** Writes a piece if it is right; whether it was. */
  async keep(piece: number, bytes: Uint8Array): Promise<boolean> {
    const at = piece * ID_LENGTH;
    const digest = await this.#hasher.sha1(bytes);
    if (!equalBytes(digest, this.#info.pieces.subarray(at, at + ID_LENGTH))) return false;
    await this.#store.write(piece, bytes);
    return true;
  }
}

/** Bytes of the pieces that are not in `have`. */
export function bytesMissing(have: Bitfield, layout: Layout): number {
  if (have.isFull) return 0;
  const last = layout.pieceCount - 1;
  const shorter = have.has(last) ? layout.pieceLength - layout.pieceSize(last) : 0;
  return layout.totalSize - (have.count * layout.pieceLength - shorter);
}
