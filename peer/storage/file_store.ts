/**
 * A torrent's bytes in files. A file that is being downloaded lies under its `.part` name; whoever
 * else's file has the wanted name keeps it.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import { bytesToFitSteps } from "./bytes_to_fit.ts";
import { PartFileSlots } from "./part_file_slots.ts";
import { FileMap, type FileSpan, spansWithBytes } from "../pieces/file_map.ts";
import { runConcurrently } from "./run_concurrently.ts";
import { type PieceStore, StorageError } from "../ports.ts";
import { PartFile } from "./part_file.ts";
import { DataFolder } from "./data_folder.ts";
import { type Deletable, deleteFiles, type KeptFile } from "./delete_files.ts";
import { requireSpace } from "./disk_space.ts";
import { FileClaims } from "./file_claims.ts";
import { DownloadLock } from "./download_lock.ts";
import { FileStamps } from "./file_stamps.ts";
import { FilesOnDisk } from "./files_on_disk.ts";
import { FileNames, type Place, placesOf } from "./file_names.ts";
import type { FileStoreOptions, StoredFile } from "./file_store_options.ts";
import { JoinedWrites, type Run } from "./joined_writes.ts";
import { NamesBeside } from "./look_beside.ts";
import { FilePool } from "./file_pool.ts";
import { slices } from "../../loop/process_loop.ts";
import { toStorageError } from "./storage_error.ts";
import { WRITE_SIZE, writeAll } from "./write_all.ts";
import { WriteBack } from "./write_back.ts";

export type { FileStoreOptions, StoredFile };

/**
 * A piece that waits for the one before it to be written, and for us to notice, holds memory that new
 * pieces need: with one handle a leech of small pieces stood still for half of the time. With more
 * than two, threads that wait for the file's lock in the kernel keep a core busy.
 */
const HANDLES_PER_FILE = 2;

/** One torrent's files. Opening it creates nothing; call `prepare` before the first write. */
export class FileStore implements PieceStore {
  readonly #files: readonly StoredFile[];
  readonly #layout: Layout;
  readonly #map: FileMap;
  readonly #folder: DataFolder;
  readonly #names: FileNames;
  readonly #places: Place[];
  #isResumed: boolean;
  readonly #marks = new FileStamps();
  readonly #open = new FilePool({ perFile: HANDLES_PER_FILE });
  /** What is written or waits for it, by file. */
  readonly #writes = new Map<number, JoinedWrites>();
  /** Files written to since the last `sync`. */
  readonly #unsynced = new Set<number>();
  readonly #writeBack = new WriteBack((file) =>
    this.#open.use(`s${file}`, () => this.#openToWrite(file), (handle) => handle.syncData())
  );
  readonly #boundary: PartFile | undefined;
  /** Files on their way out of the boundary file. */
  readonly #moving = new Map<number, Promise<void>>();
  readonly #lock: DownloadLock | undefined;
  /** Whether another program was found downloading here: what lies here may be other than it was. */
  #wasInUse = false;
  /** Files before this one are under their names, or were. */
  #firstUnfinished = 0;
  #wanted: readonly boolean[];
  /** Bytes that the disk has to have room for before the first write; 0 once it had. */
  #bytesToFit = 0;
  /** Whose the files are. */
  readonly claims: FileClaims;
  /** What there is of them. */
  readonly onDisk: FilesOnDisk;
  /** Where else they may lie. */
  readonly beside: NamesBeside;

  private constructor(
    options: FileStoreOptions,
    { map, names, folder, places, boundary }: {
      map: FileMap;
      names: FileNames;
      folder: DataFolder;
      places: Place[];
      boundary: PartFile | undefined;
    },
  ) {
    const { files, layout } = options;
    this.#files = files;
    this.#layout = layout;
    this.#map = map;
    this.#folder = folder;
    this.#names = names;
    this.#isResumed = options.paths !== undefined;
    this.#places = places;
    this.#wanted = options.wanted ?? files.map(() => true);
    this.#boundary = boundary;
    const parts = { files, folder, names, places, marks: this.#marks };
    const isWanted = (file: number) => this.#wanted[file]!;
    this.beside = new NamesBeside(parts);
    this.#lock = options.lock === undefined ? undefined : new DownloadLock(folder, options.lock);
    this.claims = new FileClaims({ ...options, ...parts, isWanted });
    const originOf = (file: number) => this.claims.origins[file]!;
    this.onDisk = new FilesOnDisk({ ...parts, boundary, isWanted, originOf });
  }

  /** Looks at what is on disk. @throws {StorageError} where a folder leads out of `dir` */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const { files, layout } = options;
    const folder = new DataFolder(options.dir);
    const places = await placesOf(options);
    const boundary = options.boundary === undefined ? undefined : new PartFile(
      folder,
      options.boundary,
      await slices.run(
        PartFileSlots.steps(
          layout,
          files.values().filter(({ pad, symlink }) => !pad && !symlink),
        ),
      ),
    );
    const names = new FileNames(folder);
    const map = new FileMap(files);
    const store = new FileStore(options, { map, names, folder, places, boundary });
    const hasBoundary = boundary?.entry() !== undefined;
    await slices.each(places.entries(), ([index, place]) => {
      if (!store.onDisk.isReal(index)) return;
      place.at = store.#locate(index);
      if (place.at === "nowhere" && hasBoundary) place.at = "boundary";
      if (place.at === "final") store.#marks.note(index, store.onDisk.entry(index));
    });
    return store;
  }

  /** The folder that holds the files. */
  get dir(): string {
    return this.#folder.dir;
  }

  /** Final name of the file or of the folder of all files. */
  get name(): string {
    return this.#places[0]!.path.split("/", 1)[0]!;
  }

  /** Final names of all files relative to the folder: what `options.paths` wants next time. */
  get paths(): string[] {
    return this.#places.map((place) => place.path);
  }

  /**
   * Gets ready for writing: keeps the files in which a piece was good, gives others' files a wide
   * berth (`name (1).ext`), creates the empty ones.
   *
   * @param have the pieces found good on disk; the first write refuses where the rest does not fit
   * @returns what a person has to decide on: nothing was made ready then, and nothing may be written
   * @throws {StorageError}
   * @throws {DOMException} on `signal`
   */
  async prepare(have: Bitfield, signal?: AbortSignal): Promise<StorageError | undefined> {
    const plans = await this.claims.plan(have);
    if (plans instanceof StorageError) return plans;
    const pause = slices.pacer();
    for (const [index, file] of this.#files.entries()) {
      await pause();
      if (!this.onDisk.isReal(index)) continue;
      const [place, plan] = [this.#places[index]!, plans[index]];
      if (plan === "over") this.claims.cut(index);
      if (plan === "keep" || plan === "over") continue;
      if (place.at === "boundary" && (file.length > 0 || !this.#wanted[index])) continue;
      if (place.at === "final" && file.length > 0) {
        await Promise.all([this.#open.close(`r${index}`), this.#closeWriting(index)]);
        if (await this.claims.leaveAlone(index, have, signal)) this.#unsynced.add(index);
      } else if (file.length > 0 && !this.#isOurs(index, have)) this.#names.choose(place);
      if (place.at === "nowhere" && !this.#wanted[index]) place.at = "boundary";
      else if (file.length === 0) this.#createEmpty(index);
      if (place.at === "nowhere" || place.at === "part") this.#names.claim(place);
    }
    this.claims.done();
    this.#bytesToFit = await this.#bytesMissing(have);
    return undefined;
  }

  /**
   * Other files are wanted now. What was made stays; a file that is wanted again is made when its
   * next piece comes, or when it is finished.
   *
   * @param have the pieces that are there, as for `prepare`
   */
  async want(wanted: readonly boolean[], have: Bitfield): Promise<void> {
    this.#wanted = wanted;
    this.#firstUnfinished = 0;
    await slices.each(this.#places.entries(), ([index, place]) => {
      if (!this.onDisk.isReal(index) || this.#boundary === undefined) return;
      const isWanted = this.#wanted[index]!;
      if (place.at === "boundary" && isWanted && this.#files[index]!.length === 0) {
        this.#createEmpty(index);
      }
      if (place.at !== "nowhere" || isWanted) return;
      this.#names.unclaim(place);
      place.at = "boundary";
    });
    this.#bytesToFit = await this.#bytesMissing(have);
  }

  read(piece: number, into: Uint8Array): Promise<void> {
    return this.readRange(this.#layout.pieceOffset(piece), into);
  }

  /** Fills `into` with the torrent's bytes from `offset`. @throws {StorageError} */
  async readRange(offset: number, into: Uint8Array): Promise<void> {
    const spans = this.#map.spans(offset, into.length);
    if (spans.length === 1) return await this.#readSpan(spans[0]!, into);
    await runConcurrently(
      spansWithBytes(spans, into),
      ([span, part]) => this.#readSpan(span, part),
    );
  }

  /** @throws {StorageError} where another program downloads into the same files */
  async requireFree(): Promise<void> {
    if (this.#wasInUse) await this.lookAgain();
    this.#wasInUse = true;
    this.#lock?.requireFree();
    this.#wasInUse = false;
  }

  async write(piece: number, bytes: Uint8Array): Promise<void> {
    this.#lock?.take();
    if (this.#bytesToFit > 0) {
      // Better now than hours later, when the disk is full of a file that nobody can use.
      await requireSpace(this.dir, this.#bytesToFit);
      this.#bytesToFit = 0;
    }
    const spans = this.#map.spans(this.#layout.pieceOffset(piece), bytes.length);
    if (spans.length === 1) return await this.#writeSpan(spans[0]!, bytes);
    await runConcurrently(
      spansWithBytes(spans, bytes),
      ([span, part]) => this.#writeSpan(span, part),
    );
  }

  async sync(): Promise<void> {
    await this.#boundary?.sync();
    await runConcurrently([...this.#unsynced], (file) => this.#sync(file));
  }

  async finish(file: number): Promise<string | undefined> {
    const name = await this.#finish(file);
    if (this.#isAllFinished()) this.#lock?.release();
    return name;
  }

  #isAllFinished(): boolean {
    const { length } = this.#places;
    for (; this.#firstUnfinished < length; this.#firstUnfinished++) {
      const file = this.#firstUnfinished;
      if (this.onDisk.isReal(file) && this.#wanted[file] && !this.onDisk.isFinal(file)) break;
    }
    return this.#firstUnfinished === length;
  }

  async #finish(file: number): Promise<string | undefined> {
    const place = this.#places[file]!;
    if (this.onDisk.isFinal(file)) {
      // It may have been mended in its place.
      this.#marks.note(file, this.onDisk.entry(file));
      this.claims.mended(file);
      return undefined;
    }
    if (place.at === "boundary") {
      if (!this.#wanted[file]) return undefined;
      await this.#bringOut(file);
      if (this.onDisk.isFinal(file)) return place.path;
    }
    // A final name is a promise that must hold after a power failure, too.
    await this.#sync(file);
    this.claims.cut(file);
    // Reading goes on through the handle that is open: a renamed file is the same file.
    await Promise.all([this.#closeWriting(file), this.#open.close(`s${file}`)]);
    // Meanwhile another piece may have been the file's last one, too.
    if (this.onDisk.isFinal(file)) return undefined;
    const replaced = await this.claims.replaceable(file);
    if (this.onDisk.isFinal(file)) return undefined;
    try {
      this.#names.finish(place, replaced);
      this.claims.made(file);
      this.#marks.note(file, this.onDisk.entry(file));
      return place.path;
    } catch (error) {
      throw toStorageError(error, "finish", this.#folder.path(place.part));
    }
  }

  /** Looks where the files are now. What is in them is to be verified then, and `prepare` called. */
  async lookAgain(): Promise<void> {
    await this.release();
    this.#folder.forget();
    this.#firstUnfinished = 0;
    // From now on `.part` files are known to be ours.
    this.#isResumed = true;
    await slices.each(this.#places.entries(), ([index, place]) => {
      if (!this.onDisk.isReal(index) || place.at === "boundary") return;
      this.#names.unclaim(place);
      place.at = this.#locate(index);
      if (place.at === "part") this.#names.claim(place);
      this.#marks.forget(index);
      if (place.at === "final") this.#marks.note(index, this.onDisk.entry(index));
    });
  }

  /** Closes the handles; they open again when needed. */
  async release(): Promise<void> {
    await Promise.all(this.#writes.values().map((writes) => writes.settled()));
    this.#writes.clear();
    await Promise.all([this.#open.closeAll(), this.#boundary?.release()]);
    this.#lock?.release();
  }

  /** The torrent is forgotten: what was kept of unwanted files goes. @throws {StorageError} */
  async forget(): Promise<void> {
    await this.#boundary?.delete();
  }

  /**
   * Deletes what was downloaded, and the folders that become empty.
   *
   * @param isRight whether a finished file is what was downloaded
   * @param inUse real paths that other torrents use
   * @returns what stays
   * @throws {StorageError}
   */
  async deleteData(
    isRight: (file: number) => boolean,
    inUse: ReadonlySet<string>,
  ): Promise<KeptFile[]> {
    await this.release();
    const files: Deletable[] = [];
    await slices.each(this.#places.entries(), ([index, place]) => {
      if (!this.onDisk.isReal(index) || (place.at !== "final" && place.at !== "part")) return;
      const name = this.onDisk.nameOf(index);
      const reason = place.at === "part"
        ? undefined
        : this.claims.reasonToKeep(index, isRight(index), this.onDisk.entry(index));
      files.push({ name, reason, onDeleted: () => place.at = "nowhere" });
    });
    return await deleteFiles(this.#folder, files, inUse);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
    this.#names[Symbol.dispose]();
  }

  async #sync(file: number): Promise<void> {
    if (!this.#unsynced.delete(file)) return;
    this.#writeBack.forget(file);
    try {
      await this.#open.use(`w${file}`, () => this.#openToWrite(file), (h) => h.syncData());
    } catch (error) {
      this.#unsynced.add(file);
      throw toStorageError(error, "save", this.onDisk.pathOf(file));
    }
  }

  /** A file is wanted after all: makes it, with what the boundary file has of it. */
  #bringOut(file: number): Promise<void> {
    let moving = this.#moving.get(file);
    if (moving === undefined) {
      moving = this.#moveOut(file).finally(() => this.#moving.delete(file));
      this.#moving.set(file, moving);
    }
    return moving;
  }

  async #moveOut(file: number): Promise<void> {
    const place = this.#places[file]!;
    const boundary = this.#boundary!;
    this.#names.choose(place);
    if (this.#files[file]!.length === 0) return this.#createEmpty(file);
    this.#names.claim(place);
    place.at = "boundary"; // Until everything is out, it is read from there.
    try {
      await boundary.copyTo(this.#files[file]!, place.part);
      this.#unsynced.add(file);
      place.at = "part";
    } catch (error) {
      throw toStorageError(error, "write", this.#folder.path(place.part));
    }
    if (!this.#places.some((other) => other.at === "boundary")) await boundary.delete();
  }

  #locate(file: number): Place["at"] {
    const place = this.#places[file]!;
    // What was whole once has its final name, whatever else lies beside it.
    if (this.claims.origins[file] !== "none") {
      return this.#folder.entry(place.path)?.isFile ? "final" : "nowhere";
    }
    return this.#names.locate(place, this.#files[file]!.length, this.#isResumed);
  }

  #createEmpty(file: number): void {
    const isMade = this.#names.createEmpty(this.#places[file]!);
    if (isMade) this.claims.made(file);
    else this.claims.adopt(file);
  }

  /** Whether what lies there is this torrent's: a good piece proves it, our record vouches for parts. */
  #isOurs(index: number, have: Bitfield): boolean {
    const { at } = this.#places[index]!;
    if (at === "nowhere") return false;
    return at === "part" && this.#isResumed || this.claims.isSomeGood(index, have);
  }

  #bytesMissing(have: Bitfield): Promise<number> {
    return slices.run(bytesToFitSteps(this.#layout, this.#map, have, {
      isOnDisk: (file) => this.onDisk.isReal(file),
      isWanted: (file) => this.#wanted[file]!,
    }));
  }

  async #readSpan(span: FileSpan, into: Uint8Array): Promise<void> {
    if (this.#files[span.file]!.pad) {
      into.fill(0);
      return;
    }
    if (this.onDisk.isAtBoundary(span.file)) {
      return await this.#boundary!.read(this.#files[span.file]!.offset + span.offset, into);
    }
    try {
      this.#marks.require(
        span.file,
        this.onDisk.pathOf(span.file),
        () => this.onDisk.entry(span.file),
      );
      await this.#open.use(`r${span.file}`, () => this.#openToRead(span.file), async (handle) => {
        handle.seekSync(span.offset, Deno.SeekMode.Start);
        for (let at = 0; at < into.length;) {
          const n = await handle.read(at === 0 ? into : into.subarray(at));
          if (n === null) throw tooShort(this.onDisk.pathOf(span.file));
          at += n;
        }
      });
    } catch (error) {
      throw toStorageError(error, "read", this.onDisk.pathOf(span.file));
    }
  }

  #writeSpan(span: FileSpan, bytes: Uint8Array): Promise<void> {
    const { at } = this.#places[span.file]!;
    return at === "part"
      ? this.#writesOf(span.file).write(span.offset, bytes)
      : this.#writeElsewhere(span, bytes);
  }

  /** Writes where a file is not simply on its way: not made yet, not wanted, or under its name. */
  async #writeElsewhere(span: FileSpan, bytes: Uint8Array): Promise<void> {
    if (!this.onDisk.isReal(span.file)) return;
    if (this.onDisk.isAtBoundary(span.file)) {
      const offset = this.#files[span.file]!.offset + span.offset;
      const fits = this.#boundary!.slots.at(offset) !== undefined;
      if (!this.#wanted[span.file] && fits && !this.#moving.has(span.file)) {
        return await this.#boundary!.write(offset, bytes);
      }
      await this.#bringOut(span.file);
    }
    if (this.onDisk.isFinal(span.file) && !this.claims.mayWrite(span.file)) {
      return await this.claims.requireSame(span, bytes);
    }
    return await this.#writesOf(span.file).write(span.offset, bytes);
  }

  #writesOf(file: number): JoinedWrites {
    let writes = this.#writes.get(file);
    if (writes === undefined) {
      writes = new JoinedWrites({
        lanes: HANDLES_PER_FILE,
        size: WRITE_SIZE,
        write: (next) => this.#writeNext(file, next),
      });
      this.#writes.set(file, writes);
    }
    return writes;
  }

  async #writeNext(file: number, next: () => Run | undefined): Promise<void> {
    const openToWrite = () => this.#openToWrite(file);
    try {
      await this.#open.use(`w${file}`, openToWrite, async (handle) => {
        const run = next();
        if (run === undefined) return;
        handle.seekSync(run.offset, Deno.SeekMode.Start);
        this.#marks.forget(file);
        await writeAll(handle, run.bytes);
        this.#unsynced.add(file);
        this.#writeBack.wrote(file, run.bytes.length);
      });
    } catch (error) {
      throw toStorageError(error, "write", this.onDisk.pathOf(file));
    }
  }

  /** Closes the handle to write with, after all that waits for it. */
  async #closeWriting(file: number): Promise<void> {
    await this.#writes.get(file)?.settled();
    this.#writes.delete(file);
    await this.#open.close(`w${file}`);
  }

  // Opening is synchronous, as renaming is, so that a file cannot change its name in between.
  #openToRead(file: number): Deno.FsFile {
    if (this.onDisk.entry(file) === undefined) {
      throw new StorageError(
        "missing",
        this.onDisk.pathOf(file),
        `Cannot read ${this.onDisk.pathOf(file)}: it is missing`,
      );
    }
    return this.#folder.openToRead(this.onDisk.nameOf(file));
  }

  #openToWrite(file: number): Deno.FsFile {
    const place = this.#places[file]!;
    if (place.at !== "nowhere") return this.#folder.openToWrite(this.onDisk.nameOf(file));
    // A file that vanished is not made anew: pieces believed to be in it would be lost in silence.
    const handle = this.#folder.create(place.part);
    place.at = "part";
    return handle;
  }
}

function tooShort(path: string): StorageError {
  return new StorageError("missing", path, `Cannot read ${path}: it is shorter than it was`);
}
