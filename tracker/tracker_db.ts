/**
 * Tracker database: the state that survives a restart and a `kill -9`: the catalogue, and how often
 * each torrent was completed. Peers come back by themselves. One tracker at a time.
 *
 * @module
 */
import { openOrReplace, requireSound } from "../store/sound_database.ts";
import { DatabaseSync } from "node:sqlite";
import type { CatalogueEntry, StoredTorrent } from "./contract/catalogue.ts";
import { TrackerStartError } from "./contract/start_error.ts";

/** Marks the file as ours ("vtTR"), so that nobody else's database is taken for it. */
const APPLICATION_ID = 0x76745452;
/** Version of the tables below. */
const SCHEMA_VERSION = 3;
/** What is shown of the catalogue: of its .torrents nothing has to be read for that. */
const SHOWN = `
  CREATE TABLE shown (
    info_hash BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    total_size INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    files INTEGER NOT NULL,
    torrent_size INTEGER NOT NULL,
    published_by TEXT,
    published_at INTEGER NOT NULL,
    owner TEXT,
    host TEXT
  ) STRICT, WITHOUT ROWID;
`;
const SCHEMA = `
  CREATE TABLE swarms (
    info_hash BLOB PRIMARY KEY,
    completed INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE catalogue (
    info_hash BLOB PRIMARY KEY,
    torrent BLOB NOT NULL,
    published_by TEXT,
    published_at INTEGER NOT NULL,
    owner TEXT
  ) STRICT;
  ${SHOWN}
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
/** What each version lacks that came after it: who may take a torrent out again; what is shown. */
const UPGRADES: Readonly<Record<number, string>> = {
  1: "ALTER TABLE catalogue ADD COLUMN owner TEXT;",
  2: SHOWN,
};
/** Counts are written together, so long (ms) after the first of them. */
const BATCH_MS = 1000;
/** Counts that are read at a time. */
const PAGE = 1000;
/** Torrents nobody completes any more are forgotten when there are more than so many. */
const MAX_SWARMS = 1_000_000;

/** How a database is opened. */
export interface TrackerDbOptions {
  readonly path: string;
  /** Hears, in a sentence, that counts cannot be written. They are kept and tried again. */
  readonly onProblem: (sentence: string) => void;
}

/** The records of one tracker. All calls are synchronous: the data is small and local. */
export class TrackerDb implements Disposable {
  /** What was wrong on opening and was mended, in sentences for the user. */
  readonly warnings: readonly string[];
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #onProblem: (sentence: string) => void;
  /** Counts that are not written yet, by info hash in hex. */
  readonly #completed = new Map<string, number>();
  /** Earlier counts are being read. */
  #isReading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #problem: string | undefined;

  private constructor(options: TrackerDbOptions, db: DatabaseSync, movedTo: string | undefined) {
    this.#path = options.path;
    this.#onProblem = options.onProblem;
    this.#db = db;
    this.warnings = movedTo === undefined ? [] : [
      `${options.path} was damaged and is kept as ${movedTo}: ` +
      "the catalogue and the counts of completed downloads begin anew",
    ];
  }

  /**
   * Opens the records, or makes them. A damaged file is moved aside.
   *
   * @throws {TrackerStartError} where another tracker has them open, or the file cannot be used
   */
  static open(options: TrackerDbOptions): TrackerDb {
    const { path } = options;
    try {
      const { db, movedTo } = openOrReplace(path, openSound);
      return new TrackerDb(options, db, movedTo);
    } catch (error) {
      throw explained(error, path);
    }
  }

  /** What is shown of the catalogue, in the order of publishing. */
  *entries(): Generator<CatalogueEntry> {
    const query = this.#db.prepare("SELECT * FROM shown ORDER BY published_at, info_hash");
    for (const row of query.iterate()) {
      yield {
        infoHash: (row.info_hash as Uint8Array).toHex(),
        name: String(row.name),
        totalSize: Number(row.total_size),
        pieceCount: Number(row.pieces),
        fileCount: Number(row.files),
        torrentSize: Number(row.torrent_size),
        publishedBy: row.published_by === null ? undefined : String(row.published_by),
        publishedAt: Number(row.published_at),
        ...(row.owner === null ? {} : { owner: String(row.owner) }),
        ...(row.host === null ? {} : { host: String(row.host) }),
      };
    }
  }

  /** Info hashes (hex) of torrents that an earlier version kept: of these nothing is known to be shown. */
  unshown(): string[] {
    const query = this.#db.prepare(
      "SELECT info_hash FROM catalogue WHERE info_hash NOT IN (SELECT info_hash FROM shown)",
    );
    return query.all().map((row) => (row.info_hash as Uint8Array).toHex());
  }

  /** A torrent of the catalogue; undefined where it is not there. @throws {Error} with a sentence */
  torrent(infoHash: string): StoredTorrent | undefined {
    const row = this.#try(() =>
      this.#db.prepare("SELECT * FROM catalogue WHERE info_hash = ?").get(
        Uint8Array.fromHex(infoHash),
      )
    );
    return row === undefined ? undefined : {
      infoHash,
      bytes: row.torrent as Uint8Array,
      publishedBy: row.published_by === null ? undefined : String(row.published_by),
      publishedAt: Number(row.published_at),
      ...(row.owner === null ? {} : { owner: String(row.owner) }),
    };
  }

  /**
   * How often each torrent was completed, a page at a time. Until all were read none is written, so
   * that a count of today is not taken for one of earlier.
   */
  *completed(): Generator<{ infoHash: Uint8Array; completed: number }[]> {
    this.#isReading = true;
    try {
      let after: Uint8Array = new Uint8Array();
      while (this.#db.isOpen) {
        const page = this.#db.prepare(
          "SELECT info_hash, completed FROM swarms WHERE info_hash > ? ORDER BY info_hash LIMIT ?",
        ).all(after, PAGE).map((row) => ({
          infoHash: row.info_hash as Uint8Array,
          completed: Number(row.completed),
        }));
        if (page.length === 0) break;
        yield page;
        after = page.at(-1)!.infoHash;
      }
    } finally {
      this.#isReading = false;
      if (this.#db.isOpen && this.#completed.size > 0) this.#flush(Date.now());
    }
  }

  /**
   * Keeps a torrent and what is shown of it; they, and all counts so far, are safe when this returns.
   *
   * @throws {Error} with a sentence
   */
  saveTorrent({ bytes }: StoredTorrent, entry: CatalogueEntry): void {
    const infoHash = Uint8Array.fromHex(entry.infoHash);
    const { publishedBy = null, owner = null, host = null } = entry;
    const publishedAt = Math.round(entry.publishedAt);
    this.#write([
      ["INSERT OR IGNORE INTO catalogue VALUES (?, ?, ?, ?, ?)", [
        infoHash,
        bytes,
        publishedBy,
        publishedAt,
        owner,
      ]],
      ["INSERT OR IGNORE INTO shown VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [
        infoHash,
        entry.name,
        entry.totalSize,
        entry.pieceCount,
        entry.fileCount,
        entry.torrentSize,
        publishedBy,
        publishedAt,
        owner,
        host,
      ]],
    ]);
  }

  /** Forgets a torrent; its count stays. @throws {Error} with a sentence */
  removeTorrent(infoHash: string): void {
    const values = [Uint8Array.fromHex(infoHash)];
    this.#write([
      ["DELETE FROM catalogue WHERE info_hash = ?", values],
      ["DELETE FROM shown WHERE info_hash = ?", values],
    ]);
  }

  /** Takes a new count; it is written within a second, with others. */
  noteCompleted(infoHash: string, completed: number): void {
    this.#completed.set(infoHash, completed);
    this.#timer ??= setTimeout(() => this.#flush(Date.now()), BATCH_MS);
  }

  /** Writes what is not written yet and closes. */
  [Symbol.dispose](): void {
    if (!this.#db.isOpen) return;
    this.#isReading = false;
    this.#flush(Date.now());
    clearTimeout(this.#timer);
    this.#db.close();
  }

  #flush(now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#completed.size === 0 || this.#isReading) return;
    try {
      this.#db.exec("BEGIN");
      // A store that has forgotten an empty swarm counts anew: the larger number stays.
      const save = this.#db.prepare(`
        INSERT INTO swarms VALUES (?, ?, ?) ON CONFLICT (info_hash) DO UPDATE
        SET completed = MAX(completed, excluded.completed), updated_at = excluded.updated_at
      `);
      for (const [infoHash, completed] of this.#completed) {
        save.run(Uint8Array.fromHex(infoHash), completed, now);
      }
      this.#db.exec("COMMIT");
      this.#completed.clear();
      this.#problem = undefined;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      this.#timer = setTimeout(() => this.#flush(Date.now()), 10 * BATCH_MS);
      const problem = problemOf(error, this.#path);
      if (problem !== this.#problem) this.#onProblem(problem);
      this.#problem = problem;
    }
  }

  /** All of it or nothing. */
  #write(
    statements: readonly (readonly [string, (Uint8Array | string | number | null)[]])[],
  ): void {
    this.#try(() => {
      this.#db.exec("BEGIN");
      try {
        for (const [sql, values] of statements) this.#db.prepare(sql).run(...values);
        this.#db.exec("COMMIT");
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
    this.#flush(Date.now());
  }

  #try<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw new Error(problemOf(error, this.#path), { cause: error });
    }
  }
}

function openSound(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    // The lock lives as long as the process, however that ends. A commit survives the end of the
    // process at once and a power failure after the next checkpoint.
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    const number = (pragma: string) => Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
    const isNew = number("schema_version") === 0;
    if (!isNew && number("application_id") !== APPLICATION_ID) {
      throw new TrackerStartError(`${path} is another program's database: choose with --db FILE`);
    }
    if (number("user_version") > SCHEMA_VERSION) {
      throw new TrackerStartError(`${path} was written by a newer vtorrent: use that version`);
    }
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE");
    requireSound(db);
    if (isNew) db.exec(SCHEMA);
    else upgrade(db, number("user_version"));
    db.prepare(`
      DELETE FROM swarms WHERE info_hash IN (
        SELECT info_hash FROM swarms ORDER BY updated_at DESC LIMIT -1 OFFSET ?)
    `).run(MAX_SWARMS);
    db.exec("COMMIT");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function upgrade(db: DatabaseSync, version: number): void {
  for (let from = version; from < SCHEMA_VERSION; from++) db.exec(UPGRADES[from]!);
  if (version < SCHEMA_VERSION) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** SQLite's words: not all of its errors come with a code. */
function says(error: unknown, words: RegExp): boolean {
  return words.test(String((error as { message?: unknown })?.message));
}

function explained(error: unknown, path: string): TrackerStartError {
  if (error instanceof TrackerStartError) return error;
  if (says(error, /is locked/)) {
    return new TrackerStartError(
      `${path} is in use by another tracker: stop it, or give this tracker its own file ` +
        "with --db FILE, or none with --no-db",
      { cause: error },
    );
  }
  return new TrackerStartError(
    `${problemOf(error, path)}. Choose another place with --db FILE, or none with --no-db`,
    { cause: error },
  );
}

function problemOf(error: unknown, path: string): string {
  if (says(error, /is full/)) return `Cannot write ${path}: the disk is full`;
  const said = error instanceof Error ? error.message : String(error);
  return `Cannot use ${path}: ${said.replace(/ \(os error \d+\).*$/s, "")}`;
}
