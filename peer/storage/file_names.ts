/**
 * Under which name a torrent's file lies or will lie: whoever else's file has the name keeps it.
 *
 * @module
 */
import { alternativeName, partName, partNameSteps } from "./disk_name.ts";
import { DataFolder, type DiskEntry, sameEntry } from "./data_folder.ts";
import { findPaths } from "./file_paths.ts";
import type { StoredFile } from "./file_store_options.ts";
import { slices } from "../../loop/process_loop.ts";
import { toStorageError } from "./storage_error.ts";

/**
 * Where a file's bytes are: under its name, under its `.part` name, some of them in the boundary
 * file because it was not wanted, or not there yet.
 */
export type Whereabouts = "final" | "part" | "boundary" | "nowhere";

/** One file's names. */
export interface Place {
  /** Relative path under its final name. */
  path: string;
  /** Relative path while it is unfinished. */
  part: string;
  at: Whereabouts;
}

/** Paths of `.part` files that a store of this process is writing: two torrents may share a name. */
const partsInUse = new Set<string>();

/** Where the files of a torrent lie or belong: under `paths` where those are known. */
export async function placesOf({ dir, files, paths }: {
  readonly dir: string;
  readonly files: readonly StoredFile[];
  readonly paths?: readonly string[] | undefined;
}): Promise<Place[]> {
  const isKnown = paths?.length === files.length;
  const finals = isKnown ? paths : await findPaths(new DataFolder(dir), files);
  const parts = await slices.run(partNameSteps(finals));
  return finals.map((path, index) => ({ path, part: parts[index]!, at: "nowhere" }));
}

/** The names of one torrent's files in one folder. Disposing lets go of its `.part` names. */
export class FileNames implements Disposable {
  readonly #folder: DataFolder;
  readonly #claims = new Set<string>();

  constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  /** Where to look for a file's bytes before anything is known about them. */
  locate(place: Place, length: number, isResumed: boolean): Whereabouts {
    const final = this.#folder.entry(place.path);
    const part = partsInUse.has(this.#folder.path(place.part))
      ? undefined
      : this.#folder.entry(place.part);
    if (part?.isFile && (isResumed || final?.size !== length)) return "part";
    return final?.isFile ? "final" : part?.isFile ? "part" : "nowhere";
  }

  /** Finds a name under which nothing lies. */
  choose(place: Place): void {
    const { path } = place;
    place.at = "nowhere";
    // What it claimed before, and has not begun, is no other's.
    if (this.#claims.has(this.#folder.path(place.part))) this.unclaim(place);
    for (let n = 0;; n++) {
      place.path = alternativeName(path, n);
      if (n > 0) place.part = partName(place.path);
      const taken = partsInUse.has(this.#folder.path(place.part)) ||
        this.#folder.entry(place.path) !== undefined ||
        this.#folder.entry(place.part) !== undefined;
      if (!taken) return;
    }
  }

  /** Makes an empty file, or takes the one there is; whether it was made. @throws {StorageError} */
  createEmpty(place: Place): boolean {
    const { path } = place;
    for (let n = 0;; n++) {
      place.path = alternativeName(path, n);
      const entry = this.#folder.entry(place.path);
      if (entry !== undefined && !(entry.isFile && entry.size === 0)) continue;
      place.at = "final";
      if (entry !== undefined) return false;
      try {
        this.#folder.create(place.path).close();
        return true;
      } catch (error) {
        throw toStorageError(error, "create", this.#folder.path(place.path));
      }
    }
  }

  /**
   * A `.part` is complete: it gets its final name, or another one where that is taken.
   *
   * @param replaced what may be replaced by it, as long as it is the same
   */
  finish(place: Place, replaced?: DiskEntry): void {
    let path = place.path;
    const isReplaced = replaced !== undefined && sameEntry(replaced, this.#folder.entry(path));
    for (let n = 1; !isReplaced && this.#folder.entry(path) !== undefined; n++) {
      path = alternativeName(place.path, n);
    }
    this.#folder.rename(place.part, path);
    this.unclaim(place);
    place.path = path;
    place.at = "final";
  }

  /** Whether a store of this process is writing to a `.part` of that name. */
  isInUse(place: Place): boolean {
    return partsInUse.has(this.#folder.path(place.part));
  }

  /** Gives up a `.part` that was just made. */
  discard(place: Place): void {
    this.unclaim(place);
    try {
      this.#folder.remove(place.part);
    } catch {
      // It was not made, or it is in nobody's way.
    }
  }

  /** Nobody else of this process may write to this `.part`. */
  claim(place: Place): void {
    const path = this.#folder.path(place.part);
    partsInUse.add(path);
    this.#claims.add(path);
  }

  unclaim(place: Place): void {
    const path = this.#folder.path(place.part);
    partsInUse.delete(path);
    this.#claims.delete(path);
  }

  [Symbol.dispose](): void {
    for (const path of this.#claims) partsInUse.delete(path);
    this.#claims.clear();
  }
}
