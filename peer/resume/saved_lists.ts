/**
 * The long lists of records, names and marks of files, in parts of a few hundred items: what is saved is
 * what changed, and reading pauses. A record names its parts by number. Parts are never changed: new
 * ones are written first, then the record that names them, and then the old ones go, so that a record
 * is whole whenever the process ends.
 *
 * @module
 */
import type { Steps } from "../../protocol/steps.ts";

/** Items of one part. */
const ITEMS_PER_PART = 256;

/** A list and the numbers of its parts. */
export interface SavedList<T> {
  readonly items: readonly T[];
  /** None where they have to be written anew. */
  readonly ids: readonly number[];
}

/** Where parts are kept, as JSON. */
export interface ListParts {
  /** Writes one for a torrent; its number. @throws {StorageError} */
  insert(infoHash: string, json: string): number;
  read(id: number): string | undefined;
}

/** A part that a record names is not there (any more). */
export class MissingPartError extends Error {
  override name = "MissingPartError";
}

export class SavedLists {
  readonly #parts: ListParts;

  constructor(parts: ListParts) {
    this.#parts = parts;
  }

  /**
   * Writes those parts of a list that are not as they were.
   *
   * @param options.before how it was saved last; undefined where that is not known
   * @param options.added takes the number of each part that was written
   * @throws {StorageError}
   */
  *saveSteps<T>(
    infoHash: string,
    items: readonly T[],
    { before, isSame, toJson, added }: {
      readonly before: SavedList<T> | undefined;
      readonly isSame: (a: T, b: T) => boolean;
      readonly toJson: (item: T) => unknown;
      readonly added: number[];
    },
  ): Steps<SavedList<T>> {
    const ids: number[] = [];
    for (let at = 0; at < items.length; at += ITEMS_PER_PART) {
      yield;
      const part = items.slice(at, at + ITEMS_PER_PART);
      const old = before?.items.slice(at, at + ITEMS_PER_PART);
      let id = before?.ids[at / ITEMS_PER_PART];
      const isKept = part.length === old?.length &&
        part.every((item, index) => isSame(item, old[index]!));
      if (id === undefined || !isKept) {
        id = this.#parts.insert(infoHash, JSON.stringify(part.map(toJson)));
        added.push(id);
      }
      ids.push(id);
    }
    return { items, ids };
  }

  /**
   * Reads a list.
   *
   * @param ids the numbers of its parts
   * @param spend told of the characters of each part, before anything is made of it; may throw
   * @throws {MissingPartError}
   * @throws {SyntaxError | TypeError} where a part makes no sense
   */
  *readSteps<T>(
    ids: readonly number[],
    fromJson: (item: unknown) => T,
    spend: (characters: number) => void,
  ): Steps<SavedList<T>> {
    const items: T[] = [];
    let isCut = true;
    for (const [index, id] of ids.entries()) {
      yield;
      const json = this.#parts.read(id);
      if (json === undefined) throw new MissingPartError(`part ${id} of the record is missing`);
      spend(json.length);
      const part = JSON.parse(json) as unknown[];
      for (const item of part) items.push(fromJson(item));
      // What an older version wrote is one long part.
      isCut &&= part.length === ITEMS_PER_PART ||
        index === ids.length - 1 && part.length < ITEMS_PER_PART;
    }
    return { items, ids: isCut ? ids : [] };
  }
}
