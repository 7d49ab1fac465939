/**
 * Moves files to another folder or to other names. Each has both names until all of them have the new
 * one: whatever ends it in between, every byte has a name, and nothing is written over.
 *
 * @module
 */
import type { DataFolder } from "./data_folder.ts";
import { copyRanges } from "./copy_ranges.ts";
import { requireSpace } from "./disk_space.ts";
import { slices } from "../../loop/process_loop.ts";
import { StorageError } from "../ports.ts";
import { toStorageError } from "./storage_error.ts";

/** One file: its name now and the one it gets, each relative to its folder. */
export interface FileMove {
  readonly from: string;
  readonly to: string;
}

/** Files that have both names. One of the two is to be called. */
export interface PlacedFiles {
  /** The old names go, and the folders that become empty by that. @throws {StorageError} */
  finish(): Promise<void>;
  /** The new names go. */
  undo(): Promise<void>;
}

/**
 * Gives each file its new name beside the old one; where a system or a disk has no second names, a
 * copy.
 *
 * @throws {StorageError} where something has a new name already, or it does not fit: all is as before
 */
export async function placeFiles(
  source: DataFolder,
  target: DataFolder,
  moves: readonly FileMove[],
): Promise<PlacedFiles> {
  const pause = slices.pacer();
  for (const { to } of moves) {
    await pause();
    if (target.exists(to)) throw taken(target.path(to));
  }
  const placed: FileMove[] = [];
  const drop = async (folder: DataFolder, names: readonly string[]) => {
    for (const name of names) {
      await pause();
      try {
        folder.remove(name);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) {
          throw toStorageError(error, "delete", folder.path(name));
        }
      }
      folder.removeEmptyParents(name);
    }
  };
  const undo = () => drop(target, placed.map(({ to }) => to));
  try {
    for (const move of moves) {
      await pause();
      await placeFile(source, target, move);
      placed.push(move);
    }
  } catch (error) {
    await undo().catch(
      () => {/* What was made stays beside the old ones, which are told about. */},
    );
    throw error;
  }
  return { finish: () => drop(source, moves.map(({ from }) => from)), undo };
}

async function placeFile(
  source: DataFolder,
  target: DataFolder,
  { from, to }: FileMove,
): Promise<void> {
  try {
    return source.linkTo(from, target, to);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw taken(target.path(to));
    if (error instanceof StorageError) throw error;
    // Another disk, or a system without second names.
  }
  try {
    using file = source.openToRead(from);
    const { size } = file.statSync();
    await requireSpace(target.dir, size);
    using copy = target.create(to);
    try {
      await copyRanges(file, copy, [{ offset: 0, length: size }]);
      await copy.syncData();
    } catch (error) {
      target.remove(to);
      throw error;
    }
  } catch (error) {
    throw toStorageError(error, "move", source.path(from));
  }
}

function taken(path: string): StorageError {
  return new StorageError(
    "exists",
    path,
    `${path} exists already: choose another folder or name`,
  );
}
