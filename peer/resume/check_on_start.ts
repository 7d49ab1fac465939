/**
 * Hash check on start: finds out which pieces of a torrent are on disk when it is added or
 * restored.
 *
 * @module
 */
import type { CheckedPieces } from "../torrent/torrent_init.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Info } from "../../protocol/metainfo.ts";
import type { HashTrees } from "../v2/hash_trees.ts";
import { besideSteps, resumeSteps, spotSteps, type TorrentRecord } from "./resume_plan.ts";
import { StorageError } from "../ports.ts";
import type { FileStore } from "../storage/file_store.ts";
import { lookBeside } from "../storage/look_beside.ts";
import { slices } from "../../loop/process_loop.ts";
import { verifyPieces } from "./verifier.ts";

export interface CheckOptions {
  readonly info: Info;
  readonly layout: Layout;
  readonly store: FileStore;
  /** Of a v2 or hybrid torrent. */
  readonly trees?: HashTrees | undefined;
  /** What is remembered; undefined for a torrent that was not here before. */
  readonly record: TorrentRecord | undefined;
  /** How a torrent without a record is taken: see `AddOptions.data`. */
  readonly data: "check" | "trust" | "own" | "new";
  /** Called now and then with the share that is done, 0 to 1. */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * The pieces that are there, and a store ready to take the others unless there is a problem.
 *
 * @throws {StorageError} where files cannot be read or made, or with "new" stand in the way,
 * or another program downloads into them
 */
export async function checkPieces(options: CheckOptions): Promise<CheckedPieces> {
  const { info, layout, store, record, data } = options;
  await store.requireFree();
  if (record === undefined && data === "new") await refuseFilesInTheWay(store);
  const isTrusted = record === undefined && data === "trust" && await isComplete(info, store);
  const have = isTrusted ? Bitfield.full(layout.pieceCount) : await findPieces(options);
  if (record === undefined && data !== "new" && !isTrusted) {
    const verify = (pieces: number[]) =>
      verifyPieces({ ...options, hashes: info.pieces, pieces, onProgress: undefined });
    await lookBeside({ store, layout, have, parts: true, verify });
  }
  const problem = await store.prepare(have, options.signal);
  return { have, problem };
}

async function findPieces(options: CheckOptions): Promise<Bitfield> {
  const { info, layout, store, record, onProgress, random = Math.random } = options;
  const verify = (pieces: number[]) => {
    return verifyPieces({
      ...options,
      hashes: info.pieces,
      pieces,
      onProgress: (checked) => onProgress?.(checked / pieces.length),
    });
  };
  const entries = await store.onDisk.entries();
  const files = info.files.map(({ offset, length, pad, symlink }, index) => {
    const isAtBoundary = store.onDisk.isAtBoundary(index);
    return { offset, length, isVirtual: pad || symlink, isAtBoundary, found: entries[index] };
  });
  const plan = await slices.run(resumeSteps(layout, files, record));
  const have = plan.trusted;

  const spots = await slices.run(spotSteps(layout, files, have, random));
  const sound = await verify(spots);
  const lies = spots.filter((piece) => !sound.has(piece));
  const beside = await slices.run(besideSteps(layout, files, lies));
  const doubted = [...beside].filter((piece) => have.delete(piece));

  const check = doubted.length === 0
    ? plan.check
    : [...plan.check, ...doubted].sort((a, b) => a - b);
  const good = await verify(check);
  for (const piece of check) if (good.has(piece)) have.add(piece);
  return have;
}

async function isComplete(info: Info, store: FileStore): Promise<boolean> {
  const present = await store.onDisk.present();
  return info.files.every((file, index) => file.symlink || present[index] === file.length);
}

async function refuseFilesInTheWay(store: FileStore): Promise<void> {
  const path = await store.onDisk.inTheWay();
  if (path === undefined) return;
  throw new StorageError(
    "exists",
    path,
    `${path} exists already: move it away or choose another folder`,
  );
}
