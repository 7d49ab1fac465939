/**
 * Resume data: the torrents, owned pieces and settings that a peer remembers. One process at a
 * time.
 *
 * @module
 */
import { openOrReplace, requireSound } from "../../store/sound_database.ts";
import type { TorrentChoices } from "../options.ts";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { dirname, join } from "@std/path";
import { BencodeError, MetainfoError } from "../../protocol/errors.ts";
import { type Metainfo, parseMetainfo } from "../../protocol/metainfo.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";
import { StorageError } from "../ports.ts";
import type { FileMark, TorrentRecord } from "./resume_plan.ts";
import { refuseFolderOutside, refuseLink } from "../storage/no_link.ts";
import { dropReplacement, replaceFile, replaceLargeFile } from "../storage/replace_file.ts";
import { toStorageError } from "../storage/storage_error.ts";
import { MissingPartError, type SavedList, SavedLists } from "./saved_lists.ts";
import { StoreLock } from "./store_lock.ts";

export { StoreBusyError } from "./store_lock.ts";

/** Version of the tables below. */
const SCHEMA_VERSION = 5;
const LISTS_SCHEMA = `
  CREATE TABLE lists (id INTEGER PRIMARY KEY, info_hash TEXT NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE INDEX lists_of ON lists (info_hash);
`;
const SCHEMA = `
  CREATE TABLE torrents (
    info_hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dir TEXT NOT NULL,
    state TEXT NOT NULL,
    have BLOB NOT NULL,
    downloaded INTEGER NOT NULL,
    uploaded INTEGER NOT NULL,
    added_at REAL NOT NULL,
    completed_at REAL,
    trackers TEXT NOT NULL,
    paths TEXT NOT NULL,
    files TEXT NOT NULL,
    clean INTEGER NOT NULL,
    alive_at REAL NOT NULL,
    choices TEXT NOT NULL DEFAULT '{}',
    peers TEXT NOT NULL DEFAULT '[]',
    origins TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  ${LISTS_SCHEMA}
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
/** From each version to the next. */
const UPGRADES: Readonly<Record<number, string>> = {
  1: "ALTER TABLE torrents ADD COLUMN choices TEXT NOT NULL DEFAULT '{}'; PRAGMA user_version = 2;",
  2: "ALTER TABLE torrents ADD COLUMN peers TEXT NOT NULL DEFAULT '[]'; PRAGMA user_version = 3;",
  3: "ALTER TABLE torrents ADD COLUMN origins TEXT NOT NULL DEFAULT ''; PRAGMA user_version = 4;",
  // Each list becomes one part; the next save cuts it.
  4: `
    ${LISTS_SCHEMA}
    INSERT INTO lists (info_hash, json) SELECT info_hash, paths FROM torrents WHERE paths <> 'null';
    UPDATE torrents SET paths = (
      SELECT '[' || id || ']' FROM lists WHERE lists.info_hash = torrents.info_hash
    ) WHERE paths <> 'null';
    INSERT INTO lists (info_hash, json) SELECT info_hash, files FROM torrents;
    UPDATE torrents SET files = (
      SELECT '[' || max(id) || ']' FROM lists WHERE lists.info_hash = torrents.info_hash
    );
    PRAGMA user_version = 5;
  `,
};
const SAVE = `INSERT OR REPLACE INTO torrents VALUES (${Array(17).fill("?").join(", ")})`;

/**
 * Characters of one record: more than the names and marks of as many files as a torrent may have.
 */
const MAX_RECORD = 2 ** 27;

type Row = Record<string, unknown>;

/** A torrent's lists as they were saved last. */
interface KnownLists {
  readonly paths: SavedList<string> | undefined;
  readonly files: SavedList<FileMark | undefined>;
}

/** What an engine remembers its torrents by. */
export type ResumeRecords =
  & Disposable
  & Pick<
    ResumeDb,
    | "warnings"
    | "torrentSteps"
    | "infoHashes"
    | "has"
    | "recordSteps"
    | "saveSteps"
    | "saveWishes"
    | "remove"
    | "saveTorrentFile"
    | "saveTorrentFileNow"
    | "torrentFile"
    | "setting"
    | "setSetting"
    | "deleteSetting"
  >;

/** The records of one store folder. What may be long has steps; the rest is small and local. */
export class ResumeDb implements Disposable {
  /** What went wrong on opening and was mended, in sentences for the user. */
  readonly warnings: readonly string[];
  readonly #dir: string;
  readonly #lock: StoreLock;
  readonly #db: DatabaseSync;
  readonly #lists: SavedLists;
  /** By info hash. */
  readonly #known = new Map<string, KnownLists>();
  /** The bytes of each .torrent that is being written. */
  readonly #writing = new Map<string, Uint8Array>();

  private constructor(dir: string, lock: StoreLock, db: DatabaseSync, warnings: string[]) {
    this.#dir = dir;
    this.#lock = lock;
    this.#db = db;
    const insert = "INSERT INTO lists (info_hash, json) VALUES (?, ?)";
    this.#lists = new SavedLists({
      insert: (infoHash, json) => this.#write(insert, [infoHash, json]),
      read: (id) =>
        db.prepare("SELECT json FROM lists WHERE id = ?").get(id)?.json as string | undefined,
    });
    this.warnings = warnings;
  }

  /**
   * Opens the records in `stateDir`, which is made where it is missing. A damaged file is moved
   * aside, and its torrents come back paused.
   *
   * @throws {StoreBusyError} where another process has them open
   * @throws {StorageError} where the folder cannot be used
   */
  static async open(stateDir: string): Promise<ResumeDb> {
    const path = join(stateDir, "peer.db");
    try {
      refuseFolderOutside(stateDir);
      Deno.mkdirSync(join(stateDir, "torrents"), { recursive: true });
      refuseFolderOutside(join(stateDir, "torrents"));
      // SQLite follows links.
      for (const suffix of ["", "-wal", "-shm"]) refuseLink(path + suffix);
    } catch (error) {
      throw toStorageError(error, "create the folder", stateDir);
    }
    const lock = StoreLock.take(stateDir);
    try {
      const { db, movedTo } = openOrReplace(path, openSound);
      if (movedTo === undefined) return new ResumeDb(stateDir, lock, db, []);
      const warning = `The records in ${path} were damaged and are kept as ${movedTo}: ` +
        "torrents are checked anew and wait for resume";
      const mended = new ResumeDb(stateDir, lock, db, [warning]);
      await mended.#recover();
      return mended;
    } catch (error) {
      lock[Symbol.dispose]();
      throw toStorageError(error, "open", path);
    }
  }

  /**
   * All torrents, in the order they were added.
   *
   * @param onUnreadable told of each whose record makes no sense, which is left out
   */
  *torrentSteps(
    onUnreadable: (about: { infoHash: string; name: string }, error: unknown) => void = () => {},
  ): Steps<TorrentRecord[]> {
    const records: TorrentRecord[] = [];
    const names = this.#db.prepare(
      "SELECT info_hash, name FROM torrents ORDER BY added_at, info_hash",
    );
    for (const { info_hash: infoHash, name } of names.all()) {
      yield;
      try {
        const record = yield* this.recordSteps(String(infoHash));
        if (record !== undefined) records.push(record);
      } catch (error) {
        onUnreadable({ infoHash: String(infoHash), name: String(name) }, error);
      }
    }
    return records;
  }

  /** The same without a pause. */
  torrents(): TorrentRecord[] {
    return atOnce(this.torrentSteps());
  }

  /** The info hashes of all torrents, in hex, without looking at anything else. */
  infoHashes(): string[] {
    return this.#db.prepare("SELECT info_hash FROM torrents").all()
      .map(({ info_hash: infoHash }) => String(infoHash));
  }

  /** Whether there is a record of a torrent. */
  has(infoHash: string): boolean {
    const sql = "SELECT 1 FROM torrents WHERE info_hash = ?";
    return this.#db.prepare(sql).get(infoHash) !== undefined;
  }

  /**
   * The record of a torrent; undefined where there is none.
   *
   * @param infoHash hex
   * @throws {StorageError} where it is longer than any record
   */
  *recordSteps(infoHash: string): Steps<TorrentRecord | undefined> {
    const one = this.#db.prepare("SELECT * FROM torrents WHERE info_hash = ?");
    for (let row = one.get(infoHash); row !== undefined;) {
      try {
        return yield* this.#readSteps(infoHash, row);
      } catch (error) {
        // It may have been saved anew meanwhile.
        const now: Row | undefined = one.get(infoHash);
        const isSame = now?.paths === row.paths && now?.files === row.files;
        if (!(error instanceof MissingPartError) || isSame) throw error;
        row = one.get(infoHash);
      }
    }
    return undefined;
  }

  /** The same without a pause. */
  torrent(infoHash: string): TorrentRecord | undefined {
    return atOnce(this.recordSteps(infoHash));
  }

  *#readSteps(infoHash: string, row: Row): Steps<TorrentRecord> {
    let left = MAX_RECORD;
    const spend = (characters: number) => {
      left -= characters;
      if (left < 0) throw tooLong(join(this.#dir, "peer.db"));
    };
    for (const value of Object.values(row)) {
      if (typeof value === "string" || value instanceof Uint8Array) spend(value.length);
    }
    const namedPaths = JSON.parse(String(row.paths)) as number[] | null;
    const paths = namedPaths === null
      ? undefined
      : yield* this.#lists.readSteps(namedPaths, String, spend);
    const namedFiles = JSON.parse(String(row.files)) as number[];
    const files = yield* this.#lists.readSteps(namedFiles, toMark, spend);
    if (!this.#known.has(infoHash)) {
      this.#known.set(infoHash, { paths, files });
      // Nobody saves it yet: what else there is was written just before the process ended.
      const named = new Set([...namedPaths ?? [], ...namedFiles]);
      const all = this.#db.prepare("SELECT id FROM lists WHERE info_hash = ?").all(infoHash);
      this.#forgetParts(all.map(({ id }) => Number(id)).filter((id) => !named.has(id)));
    }
    return fromRow(row, paths?.items, files.items);
  }

  /** Keeps a record, in place of the one before. Its pieces must be safe on disk: see `sync`. */
  *saveSteps(record: TorrentRecord): Steps<void> {
    // Another save of the same torrent may come between: parts that this one kept are gone then.
    while (!(yield* this.#trySave(record)));
  }

  *#trySave(record: TorrentRecord): Steps<boolean> {
    const { infoHash } = record;
    const before = this.#known.get(infoHash);
    const added: number[] = [];
    let now: KnownLists;
    try {
      const paths = record.paths && (yield* this.#lists.saveSteps(infoHash, record.paths, {
        before: before?.paths,
        isSame: Object.is,
        toJson: String,
        added,
      }));
      const files = yield* this.#lists.saveSteps(infoHash, record.files, {
        before: before?.files,
        isSame: isSameMark,
        toJson: (mark) => mark === undefined ? 0 : [mark.size, mark.mtime],
        added,
      });
      if (this.#known.get(infoHash) !== before) {
        this.#forgetParts(added);
        return false;
      }
      this.#write(SAVE, rowOf(record, paths?.ids, files.ids));
      now = { paths, files };
    } catch (error) {
      this.#forgetParts(added);
      throw error;
    }
    this.#known.set(infoHash, now);
    const kept = new Set(idsOf(now));
    this.#forgetParts(idsOf(before).filter((id) => !kept.has(id)));
    return true;
  }

  /** Forgets parts that no record names. */
  #forgetParts(ids: readonly number[]): void {
    try {
      for (const id of ids) this.#write("DELETE FROM lists WHERE id = ?", [id]);
    } catch {
      // Where nothing can be written, the next start drops them.
    }
  }

  /** The same without a pause. */
  saveTorrent(record: TorrentRecord): void {
    atOnce(this.saveSteps(record));
  }

  /** Keeps what is wanted of a torrent; what is known of its pieces stays. */
  saveWishes(infoHash: string, state: TorrentRecord["state"], choices: TorrentChoices): void {
    const sql = "UPDATE torrents SET state = ?, choices = ? WHERE info_hash = ?";
    this.#write(sql, [state, JSON.stringify(choices), infoHash]);
  }

  /** Forgets a torrent and its .torrent file. */
  remove(infoHash: string): void {
    this.#write("DELETE FROM torrents WHERE info_hash = ?", [infoHash]);
    this.#write("DELETE FROM lists WHERE info_hash = ?", [infoHash]);
    this.#known.delete(infoHash);
    try {
      if (this.#writing.delete(infoHash)) dropReplacement(this.#torrentPath(infoHash));
      Deno.removeSync(this.#torrentPath(infoHash));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw toStorageError(error, "delete", this.#torrentPath(infoHash));
    }
  }

  /** Keeps a .torrent's bytes, in place of those before. @throws {StorageError} */
  async saveTorrentFile(infoHash: string, bytes: Uint8Array): Promise<void> {
    this.#writing.set(infoHash, bytes);
    const isWanted = () => this.#writing.get(infoHash) === bytes;
    try {
      await replaceLargeFile(this.#torrentPath(infoHash), bytes, isWanted);
    } finally {
      if (isWanted()) this.#writing.delete(infoHash);
    }
  }

  /** The same, done when it returns. @throws {StorageError} */
  saveTorrentFileNow(infoHash: string, bytes: Uint8Array): void {
    this.#writing.delete(infoHash);
    replaceFile(this.#torrentPath(infoHash), bytes);
  }

  /** A .torrent's bytes; undefined where there are none. @throws {StorageError} */
  async torrentFile(infoHash: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await Deno.readFile(this.#torrentPath(infoHash));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw toStorageError(error, "read", this.#torrentPath(infoHash));
    }
  }

  setting(key: string): string | undefined {
    const row = this.#db.prepare("SELECT value FROM settings WHERE key = ?").get(key);
    return row === undefined ? undefined : String(row.value);
  }

  setSetting(key: string, value: string): void {
    this.#write("INSERT OR REPLACE INTO settings VALUES (?, ?)", [key, value]);
  }

  deleteSetting(key: string): void {
    this.#write("DELETE FROM settings WHERE key = ?", [key]);
  }

  [Symbol.dispose](): void {
    if (!this.#db.isOpen) return;
    this.#db.close();
    this.#lock[Symbol.dispose]();
  }

  /** @returns the number of the row that was inserted */
  #write(sql: string, values: SQLInputValue[]): number {
    try {
      return Number(this.#db.prepare(sql).run(...values).lastInsertRowid);
    } catch (error) {
      throw toStorageError(error, "write", join(this.#dir, "peer.db"));
    }
  }

  /** Makes records of the .torrent files there are. Where their data lay is not known any more. */
  async #recover(): Promise<void> {
    for (const entry of Deno.readDirSync(join(this.#dir, "torrents"))) {
      const infoHash = /^([0-9a-f]{40})\.torrent$/.exec(entry.name)?.[1];
      if (infoHash === undefined) continue;
      const bytes = await this.torrentFile(infoHash);
      if (bytes === undefined) continue;
      const metainfo = soundMetainfo(bytes);
      // Damaged, too: it stays where it is, for whoever looks for it.
      if (metainfo === undefined) continue;
      const { info, trackers } = metainfo;
      this.saveTorrent({
        infoHash,
        name: info.name,
        dir: dirname(this.#dir),
        state: "paused",
        have: new Uint8Array(),
        downloaded: 0,
        uploaded: 0,
        addedAt: Date.now(),
        completedAt: undefined,
        trackers,
        paths: undefined,
        files: [],
        clean: false,
        aliveAt: 0,
      });
    }
  }

  #torrentPath(infoHash: string): string {
    return join(this.#dir, "torrents", `${infoHash}.torrent`);
  }
}

function openSound(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    // A commit survives the end of the process at once and a power failure after the next
    // checkpoint. An older record costs a check of some pieces, so a flush each time is not worth it.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    requireSound(db);
    const version = Number(db.prepare("PRAGMA user_version").get()?.user_version);
    if (version > SCHEMA_VERSION) {
      throw new StorageError(
        "other",
        path,
        `Cannot open ${path}: a newer vtorrent wrote it: use that version`,
      );
    }
    if (version === 0) db.exec(`BEGIN; ${SCHEMA} COMMIT`);
    for (let from = version; from > 0 && from < SCHEMA_VERSION; from++) {
      db.exec(`BEGIN; ${UPGRADES[from]} COMMIT`);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Undefined where the bytes are no .torrent. */
function soundMetainfo(bytes: Uint8Array): Metainfo | undefined {
  try {
    return parseMetainfo(bytes);
  } catch (error) {
    if (error instanceof BencodeError || error instanceof MetainfoError) return undefined;
    throw error;
  }
}

/** @param paths numbers of the parts of that list, as `files` */
function rowOf(
  record: TorrentRecord,
  paths: readonly number[] | undefined,
  files: readonly number[],
): SQLInputValue[] {
  return [
    record.infoHash,
    record.name,
    record.dir,
    record.state,
    record.have,
    record.downloaded,
    record.uploaded,
    record.addedAt,
    record.completedAt ?? null,
    JSON.stringify(record.trackers),
    JSON.stringify(paths ?? null),
    JSON.stringify(files),
    record.clean ? 1 : 0,
    record.aliveAt,
    JSON.stringify(record.choices ?? {}),
    JSON.stringify(
      (record.peers ?? []).map(({ host, port, isSeed }) => [host, port, isSeed ? 1 : 0]),
    ),
    record.origins ?? "",
  ];
}

function fromRow(
  row: Row,
  paths: readonly string[] | undefined,
  files: readonly (FileMark | undefined)[],
): TorrentRecord {
  return {
    infoHash: String(row.info_hash),
    name: String(row.name),
    dir: String(row.dir),
    state: row.state as TorrentRecord["state"],
    have: row.have as Uint8Array,
    downloaded: Number(row.downloaded),
    uploaded: Number(row.uploaded),
    addedAt: Number(row.added_at),
    completedAt: row.completed_at === null ? undefined : Number(row.completed_at),
    trackers: JSON.parse(String(row.trackers)),
    paths,
    files,
    clean: row.clean === 1,
    aliveAt: Number(row.alive_at),
    choices: JSON.parse(String(row.choices)),
    peers: (JSON.parse(String(row.peers)) as [string, number, 0 | 1][])
      .map(([host, port, isSeed]) => ({ host, port, isSeed: isSeed === 1 })),
    origins: String(row.origins) || undefined,
  };
}

/** The numbers of all parts of a record. */
function idsOf(lists: KnownLists | undefined): number[] {
  return [...lists?.paths?.ids ?? [], ...lists?.files.ids ?? []];
}

function toMark(saved: unknown): FileMark | undefined {
  if (saved === 0) return undefined;
  const [size, mtime] = saved as [number, number];
  return { size, mtime };
}

function isSameMark(a: FileMark | undefined, b: FileMark | undefined): boolean {
  return a?.size === b?.size && a?.mtime === b?.mtime;
}

function tooLong(path: string): StorageError {
  return new StorageError(
    "other",
    path,
    `its record in ${path} has more than ${MAX_RECORD} characters: no torrent's has as many`,
  );
}
