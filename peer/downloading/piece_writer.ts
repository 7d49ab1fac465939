/**
 * Piece writer: checks the hash of a piece whose last block has arrived, and writes the piece to
 * disk.
 *
 * @module
 */
import { equalBytes, ID_LENGTH } from "../../protocol/bytes20.ts";
import type { Info } from "../../protocol/metainfo.ts";
import type { PieceHash } from "../events.ts";
import type { HashTrees } from "../v2/hash_trees.ts";
import type { Hasher, PieceStore } from "../ports.ts";

/** One torrent's way to the disk. Errors of the file system surface as `StorageError`. */
export class PieceWriter {
  readonly #info: Info;
  readonly #hasher: Hasher;
  readonly #store: PieceStore;
  readonly #trees: HashTrees | undefined;

  /** @param trees of a v2 or hybrid torrent */
  constructor(
    info: Info,
    hasher: Hasher,
    store: PieceStore,
    trees: HashTrees | undefined,
  ) {
    this.#trees = trees;
    this.#info = info;
    this.#hasher = hasher;
    this.#store = store;
  }

  /** Writes a piece if it is right; whether it was. */
  async keep(piece: number, bytes: Uint8Array): Promise<boolean> {
    if (!await this.#isRight(piece, bytes)) return false;
    await this.#store.write(piece, bytes);
    return true;
  }

  /** Whether a piece can be checked when it comes: of a v2-only one the hash must be known. */
  canCheck(piece: number): boolean {
    return this.#info.pieces.length > 0 || this.#trees?.hash(piece) !== undefined;
  }

  /** What a piece is checked by. */
  hashes(piece: number): PieceHash {
    if (this.#trees?.hash(piece) === undefined) return "SHA-1";
    return this.#info.pieces.length > 0 ? "SHA-1 and SHA-256" : "SHA-256";
  }

  /** A hybrid's piece has to fit both of its hashes (BEP 52), as far as they are known. */
  async #isRight(piece: number, bytes: Uint8Array): Promise<boolean> {
    const { pieces } = this.#info;
    if (pieces.length > 0) {
      const at = piece * ID_LENGTH;
      const digest = await this.#hasher.sha1(bytes);
      if (!equalBytes(digest, pieces.subarray(at, at + ID_LENGTH))) return false;
    }
    if (this.#trees === undefined) return true;
    if (this.#trees.hash(piece) === undefined) return pieces.length > 0;
    const { length } = this.#trees.shape(piece)!;
    const leaves = await this.#hasher.sha256Blocks(bytes.subarray(0, length));
    return this.#trees.fits(piece, leaves);
  }
}
