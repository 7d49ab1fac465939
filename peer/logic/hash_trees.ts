/**
 * The hash trees of one v2 or hybrid torrent: what each piece has to hash to, as far as it is known,
 * and proofs for others who do not know it yet.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { BLOCK_LENGTH } from "../../protocol/layout.ts";
import {
  levelsFor,
  MerkleLevels,
  merkleRoot,
  type Sha256,
  SHA256_LENGTH,
} from "../../protocol/merkle.ts";
import type { HashRange } from "../../protocol/message.ts";
import type { Info, MetainfoFile } from "../../protocol/metainfo.ts";
import type { PieceLayers } from "../../protocol/piece_layers.ts";
import { type PieceShape, pieceShape } from "../../protocol/piece_shape.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";
import { isProvenRange } from "./hash_proof.ts";

/** Hashes asked for at once (BEP 52: not more than 512). */
export const HASHES_PER_REQUEST = 512;

/** The tree of one content: files that are equal share it. */
export interface ContentTree {
  readonly root: Uint8Array;
  /** Bytes. */
  readonly length: number;
  readonly pieces: number;
  /** Levels between the hashes of its blocks and the root. */
  readonly height: number;
  /** The hashes of its pieces, zeros where they are not known. */
  readonly layer: Uint8Array;
  /** Which ranges of {@linkcode HASHES_PER_REQUEST} pieces are known. */
  readonly known: boolean[];
  /** Levels above the piece layer, made when somebody asks. */
  levels: MerkleLevels | undefined;
  /** The first piece in the torrent of each of its files. */
  readonly firstPieces: number[];
}

/** All trees of a torrent. */
export class HashTrees {
  readonly #sha256: Sha256;
  readonly #pieceLength: number;
  /** Levels between the hashes of blocks and those of pieces. */
  readonly pieceLevel: number;
  readonly #trees = new Map<string, ContentTree>();
  /** First pieces of files in ascending order, and their trees. */
  readonly #starts: number[] = [];
  readonly #byStart: ContentTree[] = [];
  #unknown = 0;

  private constructor(pieceLength: number, sha256: Sha256) {
    this.#sha256 = sha256;
    this.#pieceLength = pieceLength;
    this.pieceLevel = Math.log2(pieceLength / BLOCK_LENGTH);
  }

  /**
   * The trees of a torrent; undefined for a v1 one.
   *
   * @param layers checked piece layers; those that lack are to be asked for
   */
  static *steps(
    info: Pick<Info, "files" | "pieceLength" | "kind">,
    layers: PieceLayers,
    sha256: Sha256,
  ): Steps<HashTrees | undefined> {
    if (info.kind === "v1") return undefined;
    const trees = new HashTrees(info.pieceLength, sha256);
    for (const file of info.files) {
      yield;
      if (file.piecesRoot !== undefined) trees.#add(file);
    }
    for (const [hex, tree] of trees.#trees) {
      yield;
      const layer = layers.get(hex);
      if (tree.pieces < 2 || layer?.length !== tree.layer.length) continue;
      tree.layer.set(layer);
      trees.#unknown -= tree.known.length;
      tree.known.fill(true);
    }
    return trees;
  }

  /** The same without a pause. */
  static of(...facts: Parameters<typeof HashTrees.steps>): HashTrees | undefined {
    return atOnce(HashTrees.steps(...facts));
  }

  /** Whether the hash of every piece is known. */
  get isComplete(): boolean {
    return this.#unknown === 0;
  }

  /** The piece layers as a .torrent has them. Only of complete trees. */
  get layers(): PieceLayers {
    return new Map(
      [...this.#trees].filter(([, tree]) => tree.pieces > 1 && tree.known.every(Boolean))
        .map(([hex, tree]) => [hex, tree.layer]),
    );
  }

  /** What of a piece is hashed; undefined for a piece of no file. */
  shape(piece: number): PieceShape | undefined {
    const place = this.#place(piece);
    return place && pieceShape(place.tree.length, this.#pieceLength, place.n);
  }

  /** Where a piece begins in the torrent, in bytes. */
  offset(piece: number): number {
    return piece * this.#pieceLength;
  }

  /** What a piece has to hash to; undefined where it is not known. */
  hash(piece: number): Uint8Array | undefined {
    const place = this.#place(piece);
    if (place === undefined) return undefined;
    const { tree, n } = place;
    if (tree.pieces === 1) return tree.root;
    if (!tree.known[Math.floor(n / HASHES_PER_REQUEST)]) return undefined;
    return tree.layer.subarray(n * SHA256_LENGTH, (n + 1) * SHA256_LENGTH);
  }

  /**
   * The range of hashes of a piece's blocks, without a proof: the piece's own hash is one. Undefined
   * where that is not known, and for a piece of one block.
   */
  leafRange(piece: number): HashRange | undefined {
    const place = this.#place(piece);
    const shape = this.shape(piece);
    if (place === undefined || shape === undefined || shape.height === 0) return undefined;
    if (this.hash(piece) === undefined) return undefined;
    const length = 2 ** shape.height;
    return { root: place.tree.root, base: 0, index: place.n * length, length, proofLayers: 0 };
  }

  /** Whether a piece with blocks of these hashes is right. */
  fits(piece: number, leaves: Uint8Array): boolean {
    const expected = this.hash(piece);
    const shape = this.shape(piece);
    return expected !== undefined && shape !== undefined &&
      equalBytes(merkleRoot(leaves, shape.height, 0, this.#sha256), expected);
  }

  /** The ranges of piece hashes that are not known, to be asked for in this form. */
  *missing(): Generator<HashRange & { readonly tree: ContentTree }> {
    for (const tree of this.#trees.values()) {
      for (const [chunk, known] of tree.known.entries()) {
        if (!known) yield { tree, ...this.#range(tree, chunk) };
      }
    }
  }

  /** The tree of a root, as others name it. */
  tree(root: Uint8Array): ContentTree | undefined {
    return this.#trees.get(root.toHex());
  }

  /** The pieces of the torrent whose hashes a range of a piece layer tells. */
  *piecesIn({ root, index, length }: HashRange): Generator<number> {
    const tree = this.tree(root);
    const count = Math.min(length, (tree?.pieces ?? 0) - index);
    for (const first of tree?.firstPieces ?? []) {
      for (let n = 0; n < count; n++) yield first + index + n;
    }
  }

  /**
   * Takes hashes that were asked for as {@linkcode missing} said.
   *
   * @param hashes those of the range, then their uncles
   * @returns false where they are not proven by the root
   */
  learn(range: HashRange, hashes: Uint8Array): boolean {
    const tree = this.tree(range.root);
    if (tree === undefined || range.base !== this.pieceLevel) return false;
    if (!isProvenRange(range, hashes, tree, this.#sha256)) return false;
    const chunk = Math.floor(range.index / HASHES_PER_REQUEST);
    if (tree.known[chunk]) return true;
    const count = Math.min(range.length, tree.pieces - range.index);
    tree.layer.set(hashes.subarray(0, count * SHA256_LENGTH), range.index * SHA256_LENGTH);
    tree.known[chunk] = true;
    this.#unknown--;
    return true;
  }

  /** Hashes on and above the piece layer; undefined where they are not all known. */
  *levelSteps(tree: ContentTree): Steps<MerkleLevels | undefined> {
    if (!tree.known.every(Boolean)) return undefined;
    return tree.levels ??= yield* MerkleLevels.steps(
      tree.pieces === 1 ? tree.root : tree.layer,
      tree.pieces === 1 ? tree.height : this.pieceLevel,
      tree.pieces === 1 ? 0 : tree.height - this.pieceLevel,
      this.#sha256,
    );
  }

  /** Levels of the subtree of one piece from the hashes of its blocks. */
  pieceLevels(piece: number, leaves: Uint8Array): MerkleLevels {
    return new MerkleLevels(leaves, 0, this.shape(piece)!.height, this.#sha256);
  }

  #range(tree: ContentTree, chunk: number): HashRange {
    const index = chunk * HASHES_PER_REQUEST;
    const left = tree.pieces - index;
    // A range of one is not legal; beyond the end of the layer there is padding to fill it up.
    const length = Math.min(HASHES_PER_REQUEST, 2 ** Math.max(1, levelsFor(left)));
    const proofLayers = Math.max(0, tree.height - this.pieceLevel - 1);
    return { root: tree.root, base: this.pieceLevel, index, length, proofLayers };
  }

  #add(file: MetainfoFile): void {
    const root = file.piecesRoot!;
    const pieces = Math.ceil(file.length / this.#pieceLength);
    const first = file.offset / this.#pieceLength;
    let tree = this.#trees.get(root.toHex());
    if (tree === undefined || tree.length !== file.length) {
      const known = new Array(pieces < 2 ? 0 : Math.ceil(pieces / HASHES_PER_REQUEST)).fill(false);
      tree = {
        root,
        length: file.length,
        pieces,
        height: levelsFor(Math.ceil(file.length / BLOCK_LENGTH)),
        layer: new Uint8Array(pieces < 2 ? 0 : pieces * SHA256_LENGTH),
        known,
        levels: undefined,
        firstPieces: [],
      };
      this.#trees.set(root.toHex(), tree);
      this.#unknown += known.length;
    }
    tree.firstPieces.push(first);
    this.#starts.push(first);
    this.#byStart.push(tree);
  }

  #place(piece: number): { tree: ContentTree; n: number } | undefined {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= piece) low = middle + 1;
      else high = middle;
    }
    const tree = this.#byStart[low - 1];
    if (tree === undefined) return undefined;
    const n = piece - this.#starts[low - 1]!;
    return n < tree.pieces ? { tree, n } : undefined;
  }
}
