/**
 * The long lists of records, names and marks of files, in parts of a few hundred items: what is saved is
 * what changed, and reading pauses. A record names its parts by number. Parts are never changed: new
 * ones are written first, then the record that names them, and then the old ones go, so that a record
 * is whole whenever the process ends.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Steps } from "../../protocol/steps.ts";

/** The table of the parts. */
export const LISTS_SCHEMA = `
  CREATE TABLE lists (id INTEGER PRIMARY KEY, info_hash TEXT NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE INDEX lists_of ON lists (info_hash);
`;

/** Items of one part. */
const ITEMS_PER_PART = 256;

/** A list and the numbers of its parts. */
export interface SavedList<T> {
  readonly items: readonly T[];
  /** None where they have to be written anew. */
  readonly ids: readonly number[];
}

/** A part that a record names is not there (any more). */
export class MissingPartError extends Error {
  override name = "MissingPartError";
}

/** Writes to the database; the number of the row that was inserted last. @throws {StorageError} */
export type Write = (sql: string, values: SQLInputValue[]) => number;

export class SavedLists {
  readonly #db: DatabaseSync;
  readonly #write: Write;

  constructor(db: DatabaseSync, write: Write) {
    this.#db = db;
    this.#write = write;
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
    const insert = "INSERT INTO lists (info_hash, json) VALUES (?, ?)";
    const ids: number[] = [];
    for (let at = 0; at < items.length; at += ITEMS_PER_PART) {
      yield;
      const part = items.slice(at, at + ITEMS_PER_PART);
      const old = before?.items.slice(at, at + ITEMS_PER_PART);
      let id = before?.ids[at / ITEMS_PER_PART];
      const isKept = part.length === old?.length &&
        part.every((item, index) => isSame(item, old[index]!));
      if (id === undefined || !isKept) {
        id = this.#write(insert, [infoHash, JSON.stringify(part.map(toJson))]);
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
    const one = this.#db.prepare("SELECT json FROM lists WHERE id = ?");
    const items: T[] = [];
    let isCut = true;
    for (const [index, id] of ids.entries()) {
      yield;
      const row = one.get(id);
      if (row === undefined) throw new MissingPartError(`part ${id} of the record is missing`);
      const json = String(row.json);
      spend(json.length);
      const part = JSON.parse(json) as unknown[];
      for (const item of part) items.push(fromJson(item));
      // What an older version wrote is one long part.
      isCut &&= part.length === ITEMS_PER_PART ||
        index === ids.length - 1 && part.length < ITEMS_PER_PART;
    }
    return { items, ids: isCut ? ids : [] };
  }

  /** Forgets all parts of a torrent but these. */
  keepOnly(infoHash: string, ids: readonly number[]): void {
    const sql =
      "DELETE FROM lists WHERE info_hash = ? AND id NOT IN (SELECT value FROM json_each(?))";
    this.#write(sql, [infoHash, JSON.stringify(ids)]);
  }

  /** Forgets parts that no record came to name. */
  drop(ids: readonly number[]): void {
    for (const id of ids) this.#write("DELETE FROM lists WHERE id = ?", [id]);
  }
}
