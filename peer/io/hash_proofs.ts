/**
 * Answers to peers that ask for hashes (BEP 52): from the trees where they are at hand, from the
 * bytes of pieces where the hashes of blocks are wanted.
 *
 * @module
 */
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { levelsFor, SHA256_LENGTH } from "../../protocol/merkle.ts";
import type { HashRange } from "../../protocol/message.ts";
import { isRangeOf, uncleCount } from "../logic/hash_proof.ts";
import type { ContentTree, HashTrees } from "../logic/hash_trees.ts";
import type { Hasher, PieceStore } from "../ports.ts";
import type { Connection } from "./connection.ts";

/** Most hashes in one answer: the blocks of the longest piece. */
const MAX_HASHES = 8192;
/** Questions that wait for the disk; more are refused. */
const MAX_WAITING = 16;
/** Where so many bytes wait to be sent to a peer already, it has to ask again later. */
const MAX_UNSENT = 1 << 20;

/** One torrent's answers, in the order of the questions. */
export class HashProofs {
  readonly #trees: HashTrees;
  readonly #store: PieceStore;
  readonly #hasher: Hasher;
  readonly #owns: (piece: number) => boolean;
  readonly #onError: (error: unknown) => void;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: {
    trees: HashTrees;
    store: PieceStore;
    hasher: Hasher;
    owns: (piece: number) => boolean;
    onError: (error: unknown) => void;
  }) {
    this.#trees = options.trees;
    this.#store = options.store;
    this.#hasher = options.hasher;
    this.#owns = options.owns;
    this.#onError = options.onError;
  }

  /** Answers at once, or after reading, or refuses. */
  answer({ writer }: Pick<Connection, "writer">, range: HashRange): void {
    const tree = this.#trees.tree(range.root);
    const isLegal = tree !== undefined && range.length >= 2 && range.length <= MAX_HASHES &&
      isRangeOf(range, tree.height);
    if (!isLegal || writer.length > MAX_UNSENT) return writer.hashReject(range);
    if (range.base >= this.#trees.pieceLevel && tree.pieces > 1) {
      const hashes = this.#above(tree, range);
      return hashes === undefined ? writer.hashReject(range) : writer.hashes(range, hashes);
    }
    if (range.base !== 0 || this.#waiting >= MAX_WAITING) return writer.hashReject(range);
    this.#waiting++;
    this.#last = this.#last.then(() => this.#blocks(tree, range)).then((hashes) => {
      if (hashes === undefined) writer.hashReject(range);
      else writer.hashes(range, hashes);
    }, (error) => {
      writer.hashReject(range);
      this.#onError(error);
    }).finally(() => this.#waiting--);
  }

  async close(): Promise<void> {
    await this.#last;
  }

  /** Hashes of pieces or above, with their uncles. */
  #above(tree: ContentTree, range: HashRange): Uint8Array | undefined {
    const levels = this.#trees.levelsOf(tree);
    if (levels === undefined) return undefined;
    const { base, index, length } = range;
    const own = Array.from({ length }, (_, i) => levels.hash(base, index + i));
    const top = levelsFor(length);
    return concatBytes([...own, ...levels.uncles(base + top, index / length, uncleCount(range))]);
  }

  /** Hashes of blocks with their uncles; undefined where a piece of theirs is not ours. */
  async #blocks(tree: ContentTree, range: HashRange): Promise<Uint8Array | undefined> {
    const trees = this.#trees;
    const above = trees.levelsOf(tree);
    if (above === undefined) return undefined;
    const { index, length } = range;
    // A file of one piece has a tree that is only as high as its blocks need.
    const pieceLevel = tree.pieces === 1 ? tree.height : trees.pieceLevel;
    const perPiece = 2 ** pieceLevel;
    const first = Math.floor(index / perPiece);
    const last = Math.min(tree.pieces - 1, Math.floor((index + length - 1) / perPiece));
    if (first > last) return undefined;
    const leaves = new Uint8Array(length * SHA256_LENGTH);
    const inside: Uint8Array[] = [];
    let uncles = uncleCount(range);
    for (let n = first; n <= last; n++) {
      const start = tree.firstPieces.find((start) => this.#owns(start + n));
      if (start === undefined) return undefined;
      const piece = start + n;
      const bytes = new Uint8Array(trees.shape(piece)!.length);
      await this.#store.readRange(trees.offset(piece), bytes);
      const hashes = await this.#hasher.sha256Blocks(bytes);
      const skip = Math.max(0, index - n * perPiece);
      leaves.set(
        hashes.subarray(skip * SHA256_LENGTH, (skip + length) * SHA256_LENGTH),
        Math.max(0, n * perPiece - index) * SHA256_LENGTH,
      );
      if (length >= perPiece) continue;
      const within = trees.pieceLevels(piece, hashes);
      inside.push(...within.uncles(levelsFor(length), (index % perPiece) / length, uncles));
      uncles -= inside.length;
    }
    const level = Math.max(pieceLevel, levelsFor(length));
    return concatBytes([
      leaves,
      ...inside,
      ...above.uncles(level, Math.floor(index / 2 ** level), uncles),
    ]);
  }
}
