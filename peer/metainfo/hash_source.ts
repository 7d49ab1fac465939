/**
 * The hashes of files that are to become a torrent: v1, v2 or both, in one reading.
 *
 * @module
 */
import { ID_LENGTH } from "../../protocol/bytes20.ts";
import { layoutSteps } from "../../protocol/padded_layout.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import { levelsFor, MerkleLevels, SHA256_LENGTH } from "../../protocol/merkle.ts";
import type { Steps } from "../../protocol/steps.ts";
import { slices } from "../../loop/process_loop.ts";
import type { Info } from "../../protocol/metainfo.ts";
import type { NewTreeFile } from "../../protocol/file_tree_encoder.ts";
import { pieceShape } from "../../protocol/piece_shape.ts";
import { digestPieces } from "../hashing/piece_digests.ts";
import { sha256 } from "../hashing/node_hash.ts";
import type { Source } from "./source_files.ts";

/** A file, or padding, at its place in the torrent. Sizes are bytes. */
export interface PlannedFile {
  /** Path for the system; undefined for padding. */
  readonly path: string | undefined;
  readonly parts: readonly string[];
  readonly length: number;
  readonly offset: number;
  readonly pad: boolean;
}

/** How files are cut into pieces. */
export interface PiecePlan {
  readonly kind: Info["kind"];
  readonly files: readonly PlannedFile[];
  readonly layout: Layout;
}

/** What goes into the .torrent. */
export interface PlannedHashes {
  /** SHA-1 of each piece; undefined for v2 only. */
  readonly pieces: Uint8Array | undefined;
  readonly v2: { files: NewTreeFile[]; layers: Map<string, Uint8Array> } | undefined;
}

/**
 * Lays files out: end to end in v1; from piece to piece otherwise, with padding between them and, as
 * other creators do, at the end of a hybrid's folder of several files.
 */
export async function planPieces(
  source: Source,
  kind: Info["kind"],
  pieceLength: number,
): Promise<PiecePlan> {
  const files: PlannedFile[] = [];
  let offset = 0;
  const pad = (): void => {
    const length = (pieceLength - offset % pieceLength) % pieceLength;
    if (kind === "v1" || length === 0) return;
    files.push({ path: undefined, parts: [".pad", `${length}`], length, offset, pad: true });
    offset += length;
  };
  for (const { path, parts, length } of source.files) {
    if (kind === "v2" && length > 0) pad();
    files.push({ path, parts, length, offset, pad: false });
    offset += length;
    if (kind === "hybrid" && source.files.length > 1) pad();
  }
  const layout = await slices.run(layoutSteps({ kind, totalSize: offset, pieceLength, files }));
  return { kind, files, layout };
}

/** Reads and hashes everything. @throws {StorageError} where a file cannot be read */
export async function hashAll(
  { kind, files, layout }: PiecePlan,
  { onProgress, signal }: {
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PlannedHashes> {
  const { pieceLength, pieceCount } = layout;
  const isV1 = kind !== "v2";
  const sha1s = new Uint8Array(isV1 ? pieceCount * ID_LENGTH : 0);
  const roots = new Uint8Array(kind === "v1" ? 0 : pieceCount * SHA256_LENGTH);
  const owners = kind === "v1" ? [] : ownersOf(files, pieceLength);
  let done = 0;
  await digestPieces({
    layout,
    files,
    signal,
    pieces: Array.from({ length: pieceCount }, (_, piece) => piece),
    sha1: isV1,
    shapeOf: kind === "v1" ? undefined : (piece) => {
      const { offset, length } = owners[piece]!;
      return pieceShape(length, pieceLength, piece - offset / pieceLength);
    },
    onDigest(piece, digest) {
      if (isV1) sha1s.set(digest.subarray(0, ID_LENGTH), piece * ID_LENGTH);
      if (kind !== "v1") roots.set(digest.subarray(isV1 ? ID_LENGTH : 0), piece * SHA256_LENGTH);
      done += layout.pieceSize(piece);
      onProgress?.(done, layout.payloadSize);
    },
  });
  return {
    pieces: isV1 ? sha1s : undefined,
    v2: kind === "v1" ? undefined : await slices.run(treeSteps(files, pieceLength, roots)),
  };
}

/** The file that each piece belongs to. */
function ownersOf(files: readonly PlannedFile[], pieceLength: number): PlannedFile[] {
  const owners: PlannedFile[] = [];
  for (const file of files) {
    if (file.pad) continue;
    for (let at = 0; at < file.length; at += pieceLength) owners.push(file);
  }
  return owners;
}

function* treeSteps(
  files: readonly PlannedFile[],
  pieceLength: number,
  hashes: Uint8Array,
): Steps<NonNullable<PlannedHashes["v2"]>> {
  const layers = new Map<string, Uint8Array>();
  const level = pieceShape(pieceLength + 1, pieceLength, 0).height;
  const tree: NewTreeFile[] = [];
  for (const { parts: path, length, offset, pad } of files) {
    yield;
    if (pad) continue;
    const pieces = Math.ceil(length / pieceLength);
    const first = offset / pieceLength * SHA256_LENGTH;
    const layer = hashes.slice(first, first + pieces * SHA256_LENGTH);
    if (pieces <= 1) {
      tree.push(pieces === 0 ? { path, length } : { path, length, root: layer });
      continue;
    }
    const { root } = yield* MerkleLevels.steps(layer, level, levelsFor(pieces), sha256);
    layers.set(root.toHex(), layer);
    tree.push({ path, length, root });
  }
  return { files: tree, layers };
}
