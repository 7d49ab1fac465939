/**
 * Answers to peers that ask for hashes (BEP 52): from the trees where they are at hand, from the
 * bytes of pieces where the hashes of blocks are wanted.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { levelsFor, type MerkleLevels, SHA256_LENGTH } from "../../protocol/merkle.ts";
import type { HashRange } from "../../protocol/message.ts";
import { atOnce } from "../../protocol/steps.ts";
import { TokenBucket } from "../rate/token_bucket.ts";
import { isRangeOf, uncleCount } from "./hash_proof.ts";
import type { ContentTree, HashTrees } from "./hash_trees.ts";
import type { Hasher, PieceStore } from "../ports.ts";
import type { Connection } from "../connections/connection.ts";
import { slices } from "../../loop/process_loop.ts";

/** Most hashes in one answer: the blocks of the longest piece. */
const MAX_HASHES = 8192;
/** Pieces of a tree whose levels are worked out at once: those above of larger ones take seconds. */
const MAX_AT_ONCE = 512;
/** Questions that wait for the disk or such work, of all peers and of one; more are refused. */
const MAX_WAITING = 16;
const MAX_WAITING_OF_ONE = 2;
/** Where so many bytes wait to be sent to a peer already, it has to ask again later. */
const MAX_UNSENT = 1 << 20;
/** Hashes that one peer is sent: at once, and in a second. */
const HASHES_BURST = 1 << 16;
const HASHES_PER_SECOND = 1 << 13;
/**
 * Bytes that are read and hashed for one peer's questions, and for those of all: at once, and in a
 * second. Honest peers ask for the blocks of pieces that failed, which are few.
 */
const READ_BURST = 32 << 20;
const READ_PER_SECOND = 1 << 20;
const READ_BURST_OF_ALL = 64 << 20;
const READ_PER_SECOND_OF_ALL = 8 << 20;
/** Hashes of blocks that are kept, in bytes: of 2 GiB of pieces. */
const MAX_KEPT = 4 << 20;
/** Bytes that are read and hashed at a time. */
const CHUNK = 1 << 20;

/** What is kept of a peer that asks. */
interface Asker {
  readonly hashes: TokenBucket;
  readonly read: TokenBucket;
  waiting: number;
}

/** One torrent's answers, in the order of the questions. */
export class HashReplies {
  readonly #trees: HashTrees;
  readonly #store: PieceStore;
  readonly #hasher: Hasher;
  readonly #owns: (piece: number) => boolean;
  readonly #onError: (error: unknown) => void;
  readonly #askers = new WeakMap<object, Asker>();
  readonly #read = new TokenBucket(READ_BURST_OF_ALL, READ_PER_SECOND_OF_ALL);
  /** Hashes of the blocks of pieces, checked, the one that was used last at the end. */
  readonly #kept = new Map<number, Uint8Array>();
  #keptBytes = 0;
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

  /** Answers at once, or after reading, or refuses: also who asks for more than there is a use for. */
  answer(connection: Pick<Connection, "writer">, range: HashRange, now: number): void {
    const { writer } = connection;
    const tree = this.#trees.tree(range.root);
    const isLegal = tree !== undefined && range.length >= 2 && range.length <= MAX_HASHES &&
      isRangeOf(range, tree.height);
    const asker = this.#askerOf(connection);
    if (
      !isLegal || writer.length > MAX_UNSENT ||
      !asker.hashes.take(range.length + uncleCount(range), now)
    ) return writer.hashReject(range);
    const isAbove = range.base >= this.#trees.pieceLevel && tree.pieces > 1;
    if (isAbove && (tree.levels !== undefined || tree.pieces <= MAX_AT_ONCE)) {
      const hashes = above(atOnce(this.#trees.levelSteps(tree)), range);
      return hashes === undefined ? writer.hashReject(range) : writer.hashes(range, hashes);
    }
    if (
      !isAbove && range.base !== 0 || this.#waiting >= MAX_WAITING ||
      asker.waiting >= MAX_WAITING_OF_ONE ||
      !isAbove && !this.#mayRead(asker, tree, range, now)
    ) return writer.hashReject(range);
    this.#waiting++;
    asker.waiting++;
    this.#last = this.#last.then(async () =>
      isAbove ? above(await this.#levelsOf(tree), range) : await this.#blocks(tree, range)
    ).then((hashes) => {
      if (hashes === undefined) writer.hashReject(range);
      else writer.hashes(range, hashes);
    }, (error) => {
      writer.hashReject(range);
      this.#onError(error);
    }).catch(this.#onError).finally(() => {
      this.#waiting--;
      asker.waiting--;
    });
  }

  #askerOf(connection: object): Asker {
    let asker = this.#askers.get(connection);
    if (asker === undefined) {
      asker = {
        hashes: new TokenBucket(HASHES_BURST, HASHES_PER_SECOND),
        read: new TokenBucket(READ_BURST, READ_PER_SECOND),
        waiting: 0,
      };
      this.#askers.set(connection, asker);
    }
    return asker;
  }

  /** Whether there is credit for the pieces of a range that have to be read; it is spent. */
  #mayRead(asker: Asker, tree: ContentTree, range: HashRange, now: number): boolean {
    let bytes = 0;
    let pieces = 0;
    for (const n of this.#piecesOf(tree, range)) {
      const piece = tree.firstPieces.find((start) => this.#owns(start + n));
      if (piece === undefined) return false;
      pieces++;
      if (!this.#kept.has(piece + n)) bytes += this.#trees.shape(piece + n)!.length;
    }
    // A single piece may be longer than what may be had at once; several have no honest use.
    const ofOne = pieces === 1 ? Math.min(bytes, READ_BURST) : bytes;
    const ofAll = pieces === 1 ? Math.min(bytes, READ_BURST_OF_ALL) : bytes;
    return asker.read.has(ofOne, now) && this.#read.take(ofAll, now) && asker.read.take(ofOne, now);
  }

  /** The pieces of a tree whose blocks a range is about, by their numbers in it. */
  *#piecesOf(tree: ContentTree, { index, length }: HashRange): Generator<number> {
    const perPiece = 2 ** this.#pieceLevelOf(tree);
    const last = Math.min(tree.pieces - 1, Math.floor((index + length - 1) / perPiece));
    for (let n = Math.floor(index / perPiece); n <= last; n++) yield n;
  }

  /** A file of one piece has a tree that is only as high as its blocks need. */
  #pieceLevelOf(tree: ContentTree): number {
    return tree.pieces === 1 ? tree.height : this.#trees.pieceLevel;
  }

  /** The hashes of a piece's blocks, from its bytes; undefined where those are not what they were. */
  async #leavesOf(piece: number): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(piece);
    if (kept !== undefined) {
      this.#kept.delete(piece);
      this.#kept.set(piece, kept);
      return kept;
    }
    const { length } = this.#trees.shape(piece)!;
    const offset = this.#trees.offset(piece);
    const leaves = new Uint8Array(Math.ceil(length / BLOCK_LENGTH) * SHA256_LENGTH);
    const buffer = new Uint8Array(Math.min(CHUNK, length));
    for (let at = 0; at < length; at += CHUNK) {
      const bytes = buffer.subarray(0, Math.min(CHUNK, length - at));
      await this.#store.readRange(offset + at, bytes);
      leaves.set(await this.#hasher.sha256Blocks(bytes), at / BLOCK_LENGTH * SHA256_LENGTH);
    }
    const due = this.#trees.hash(piece);
    if (due === undefined || !equalBytes(this.#trees.pieceLevels(piece, leaves).root, due)) {
      return undefined;
    }
    this.#kept.set(piece, leaves);
    this.#keptBytes += leaves.length;
    for (const [oldest, hashes] of this.#kept) {
      if (this.#keptBytes <= MAX_KEPT) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= hashes.length;
    }
    return leaves;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  #levelsOf(tree: ContentTree): Promise<MerkleLevels | undefined> {
    return slices.run(this.#trees.levelSteps(tree));
  }

  /** Hashes of blocks with their uncles; undefined where a piece of theirs is not ours. */
  async #blocks(tree: ContentTree, range: HashRange): Promise<Uint8Array | undefined> {
    const trees = this.#trees;
    const levels = await this.#levelsOf(tree);
    if (levels === undefined) return undefined;
    const { index, length } = range;
    const pieceLevel = this.#pieceLevelOf(tree);
    const perPiece = 2 ** pieceLevel;
    const leaves = new Uint8Array(length * SHA256_LENGTH);
    const inside: Uint8Array[] = [];
    let uncles = uncleCount(range);
    let isNone = true;
    for (const n of this.#piecesOf(tree, range)) {
      isNone = false;
      const start = tree.firstPieces.find((start) => this.#owns(start + n));
      if (start === undefined) return undefined;
      const piece = start + n;
      const hashes = await this.#leavesOf(piece);
      if (hashes === undefined) return undefined;
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
    if (isNone) return undefined;
    const level = Math.max(pieceLevel, levelsFor(length));
    return concatBytes([
      leaves,
      ...inside,
      ...levels.uncles(level, Math.floor(index / 2 ** level), uncles),
    ]);
  }
}

/** Hashes of pieces or above, with their uncles; undefined where the levels are not known. */
function above(levels: MerkleLevels | undefined, range: HashRange): Uint8Array | undefined {
  if (levels === undefined) return undefined;
  const { base, index, length } = range;
  const own = Array.from({ length }, (_, i) => levels.hash(base, index + i));
  const top = levelsFor(length);
  return concatBytes([...own, ...levels.uncles(base + top, index / length, uncleCount(range))]);
}
