/**
 * Hashes the pieces of a torrent while it goes on: because somebody wants it, or because a file could
 * not be read or was changed by somebody else. Until that is done nothing is given to anybody.
 *
 * @module
 */
import type { Consent } from "../options.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { MetainfoFile } from "../../protocol/metainfo.ts";
import type { RenamedFiles, TorrentEvent, Wanted } from "../events.ts";
import type { Exchange } from "./exchange.ts";
import { StorageError } from "../ports.ts";

/** A file that others write to all the time is not hashed all the time (ms). */
const REST_MS = 10_000;

/** One torrent's files, to be looked at again. */
export interface RecheckFiles {
  /** Files (by number) that are gone or are not what they were. */
  suspects(): Promise<number[]>;
  /** Which of the pieces are good now. @throws {StorageError} where a file cannot be read */
  verify(
    pieces: readonly number[],
    onProgress: (checked: number) => void,
    signal: AbortSignal,
  ): Promise<Bitfield>;
  /** A person says how to go on with files that differ. */
  allow(consent: Consent): void;
  /**
   * Gets ready to write what is not among `have`, or tells what a person has to decide on: see
   * `FileStore.prepare`.
   */
  prepare(have: Bitfield, signal?: AbortSignal): Promise<StorageError | undefined>;
  /** Which have another name than the torrent gives them. */
  renamed(): RenamedFiles;
}

/** The torrent that is checked. */
export interface RecheckTorrent {
  readonly info: { readonly files: readonly MetainfoFile[] };
  readonly layout: Layout;
  readonly exchange: Exchange;
  readonly isComplete: boolean;
  /** Whether it is known which pieces are there; what settles when it is or will not be. */
  readonly isChecked: boolean;
  readonly started: Promise<void> | undefined;
  readonly wanted: Wanted;
  readonly error: Error | undefined;
}

/** What the torrent does about it. */
export interface RecheckOwner {
  emit(event: TorrentEvent): void;
  /** Keeps a promise until the torrent leaves. */
  track(promise: Promise<unknown>): void;
  /** It cannot go on. */
  fail(error: unknown): void;
  /**
   * What its files hold is known again.
   *
   * @param wasUrgent it could not go on before that was known
   */
  known(wasUrgent: boolean): void;
  /** Its state may be another, and what it owns. */
  changed(): void;
}

/** What a check has found. */
export interface RecheckResult {
  /** Pieces that were looked at. */
  readonly checked: number;
  /** Pieces that were owned and are not any more; and the other way round. */
  readonly lost: number;
  readonly found: number;
}

/** The part of the engine that a recheck needs. */
export interface RecheckContext {
  /** ms since the epoch, never going back. */
  now(): number;
}

/** One torrent's checks, one at a time. */
export class Recheck {
  readonly #context: RecheckContext;
  readonly #torrent: RecheckTorrent;
  readonly #files: RecheckFiles;
  readonly #owner: RecheckOwner;
  #abort = new AbortController();
  #running: Promise<RecheckResult> | undefined;
  /** A file could not be read: why. */
  #problem: StorageError | undefined;
  #isUrgent = false;
  #isAll = false;
  #dueAt = Infinity;
  #lastAt = -Infinity;
  #checked = 0;
  #toCheck = 1;

  constructor(
    context: RecheckContext,
    torrent: RecheckTorrent,
    files: RecheckFiles,
    owner: RecheckOwner,
  ) {
    this.#context = context;
    this.#torrent = torrent;
    this.#files = files;
    this.#owner = owner;
  }

  /** Whether nobody knows what is left of the files: nothing is given then. */
  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  /** How far it is, 0 to 1; undefined while nothing is checked. */
  get progress(): number | undefined {
    return this.#running === undefined ? undefined : this.#checked / this.#toCheck;
  }

  /** A piece could not be read: those in its file are hashed soon, and nothing is given meanwhile. */
  unreadable(problem: unknown): void {
    if (!(problem instanceof StorageError)) return this.#owner.fail(problem);
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    this.#problem = problem;
    this.#dueAt = Math.max(this.#context.now(), this.#lastAt + REST_MS);
    this.#torrent.exchange.pause("its files are checked");
    this.#owner.changed();
  }

  /** Somebody says that files are right again: nothing is given before all of them were hashed. */
  doubt(): void {
    this.#isUrgent = true;
    this.#dueAt = this.#context.now();
    this.#isAll = true;
  }

  /** A second has passed. */
  tick(now: number): void {
    if (now < this.#dueAt || this.#running !== undefined) return;
    this.#dueAt = Infinity;
    const which = this.#isAll ? () => this.#all() : () => this.#suspicious();
    this.#isAll = false;
    this.#owner.track(
      this.#run(which, undefined).then(() => {}, (error) => {
        if (!this.#abort.signal.aborted) this.#owner.fail(error);
      }),
    );
  }

  /**
   * Hashes everything: the pieces that we have, and any others that happen to be on disk.
   *
   * @throws {StorageError} where a file is there but cannot be read
   * @throws {DOMException} on `signal`
   */
  async all(onProgress?: (done: number) => void, signal?: AbortSignal): Promise<RecheckResult> {
    await this.#torrent.started;
    if (!this.#torrent.isChecked) throw this.#torrent.error ?? new DOMException("", "AbortError");
    while (this.#running !== undefined) await this.#running.catch(() => {});
    this.#dueAt = Infinity;
    this.#isAll = false;
    return await this.#run(() => this.#all(), onProgress, signal);
  }

  #all(): number[] {
    return Array.from({ length: this.#torrent.exchange.have.length }, (_, piece) => piece);
  }

  /** Ends what is under way and waits for it. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running?.catch(() => {});
    this.#abort = new AbortController();
  }

  #run(
    which: () => readonly number[] | Promise<readonly number[]>,
    onProgress: ((done: number) => void) | undefined,
    signal?: AbortSignal,
  ): Promise<RecheckResult> {
    this.#checked = 0;
    this.#toCheck = 1;
    const signals = signal === undefined ? [] : [signal];
    const either = AbortSignal.any([this.#abort.signal, ...signals]);
    const report = (checked: number): void => {
      this.#checked = checked;
      onProgress?.(checked / this.#toCheck);
    };
    const run = async () => {
      const pieces = await which();
      this.#toCheck = Math.max(1, pieces.length);
      return await this.#check(pieces, report, either);
    };
    this.#running = run().finally(() => {
      this.#running = undefined;
      // Stopped in between it is still not known.
      if (either.aborted && this.#isUrgent) this.doubt();
    });
    return this.#running;
  }

  async #check(
    pieces: readonly number[],
    report: (checked: number) => void,
    signal: AbortSignal,
  ): Promise<RecheckResult> {
    const { exchange } = this.#torrent;
    // What is written meanwhile was hashed a moment ago.
    const before = exchange.have.copy();
    const good = await this.#files.verify(pieces, report, signal);
    const lost = pieces.filter((piece) =>
      before.has(piece) && !good.has(piece) && exchange.have.has(piece)
    );
    const found = pieces.filter((piece) =>
      good.has(piece) && !exchange.have.has(piece) && !exchange.download.isActive(piece)
    );
    const after = exchange.have.copy();
    for (const piece of lost) after.delete(piece);
    for (const piece of found) after.add(piece);
    // First of all: what turns out to be somebody else's file is not written to.
    const differs = await this.#files.prepare(after, signal);
    this.#lastAt = this.#context.now();
    const problem = this.#problem;
    const wasUrgent = this.#isUrgent;
    this.#problem = undefined;
    this.#isUrgent = false;
    this.#dueAt = Infinity;
    exchange.correct(lost, found);
    const { count, length } = exchange.have;
    if (lost.length > 0) {
      this.#owner.emit({ event: "pieces-lost", lost: lost.length, pieces: length });
    }
    this.#owner.emit({
      event: "torrent-checked",
      have: count,
      pieces: length,
      ...this.#files.renamed(),
    });
    this.#conclude(
      differs ??
        (lost.length === 0 ? undefined : problem && damage(problem, lost.length)),
      wasUrgent,
    );
    return { checked: pieces.length, lost: lost.length, found: found.length };
  }

  /** @param problem what a person has to decide on */
  #conclude(problem: StorageError | undefined, wasUrgent: boolean): void {
    const torrent = this.#torrent;
    this.#owner.known(wasUrgent);
    if (problem !== undefined) this.#owner.fail(problem);
    torrent.exchange.connections.peerList.reconsider(this.#context.now());
    if (torrent.wanted === "active") torrent.exchange.resume();
    this.#owner.changed();
  }

  /** The owned pieces of files that are not what they were; all where that explains nothing. */
  async #suspicious(): Promise<number[]> {
    const { info, layout, exchange } = this.#torrent;
    const pieces = new Bitfield(layout.pieceCount);
    for (const file of await this.#files.suspects()) {
      const { offset, length } = info.files[file]!;
      const range = layout.piecesOf(offset, length);
      for (let piece = range?.first ?? 0; piece <= (range?.last ?? -1); piece++) pieces.add(piece);
    }
    const { have } = exchange;
    return this.#all().filter((piece) =>
      have.has(piece) && (pieces.count === 0 || pieces.has(piece))
    );
  }
}

/** What is said when pieces turn out to be gone. */
function damage(
  { kind, path, message }: StorageError,
  pieces: number,
): StorageError {
  if (kind === "missing" || kind === "changed") {
    return new StorageError(kind, path, message, { remedy: { kind: "lost", pieces } });
  }
  const count = `${pieces} ${pieces === 1 ? "piece" : "pieces"}`;
  return new StorageError(kind, path, `${message}. ${count} of it cannot be read`, {
    remedy: { kind: "again" },
  });
}
