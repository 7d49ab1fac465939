/**
 * Piece writer: checks the hash of a piece whose last block has arrived, and writes the piece to
 * disk.
 *
 * @module
 */
import { equalBytes, ID_LENGTH } from "../../protocol/bytes20.ts";
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
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
    const { pieces } = this.#info;
    if (pieces.length > 0) {
      const at = piece * ID_LENGTH;
      const digest = await this.#hasher.sha1(bytes);
      if (!equalBytes(digest, pieces.subarray(at, at + ID_LENGTH))) return false;
    }
    // A hybrid's piece has to fit both of its hashes (BEP 52), as far as they are known.
    if (this.#trees !== undefined && !await this.#fits(this.#trees, piece, bytes)) return false;
    await this.#store.write(piece, bytes);
    return true;
  }

  /** Whether a piece can be checked when it comes: of a v2-only one the hash must be known. */
  canCheck(piece: number): boolean {
    return this.#info.pieces.length > 0 || this.#trees?.hash(piece) !== undefined;
  }

  /**
   * Adds the pieces of nothing but padding to `have` where they are zeros, as their hashes say: nobody
   * is asked for them, since a client that takes padding for files cannot give them (BEP 47).
   */
  async addPadding(have: Bitfield, layout: Layout): Promise<void> {
    const { pieces } = this.#info;
    // There may be many, of one length all but the last.
    let zeros: { readonly length: number; readonly digest: Uint8Array } | undefined;
    for (const piece of layout.paddingPieces) {
      if (pieces.length === 0 || this.#trees?.hash(piece) !== undefined) continue;
      const length = layout.pieceSize(piece);
      if (zeros?.length !== length) {
        zeros = { length, digest: await this.#hasher.sha1(new Uint8Array(length)) };
      }
      const at = piece * ID_LENGTH;
      if (equalBytes(zeros.digest, pieces.subarray(at, at + ID_LENGTH))) have.add(piece);
    }
  }

  /** What a piece is checked by. */
  hashes(piece: number): PieceHash {
    if (this.#trees?.hash(piece) === undefined) return "SHA-1";
    return this.#info.pieces.length > 0 ? "SHA-1 and SHA-256" : "SHA-256";
  }

  /** Whether a piece fits its hash of v2, as far as that is known. */
  async #fits(trees: HashTrees, piece: number, bytes: Uint8Array): Promise<boolean> {
    if (trees.hash(piece) === undefined) return this.#info.pieces.length > 0;
    const { length } = trees.shape(piece)!;
    return trees.fits(piece, await this.#hasher.sha256Blocks(bytes.subarray(0, length)));
  }
}
