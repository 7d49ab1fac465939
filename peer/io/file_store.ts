/**
 * A torrent's bytes in files. A file that is being downloaded lies under its `.part` name; whoever
 * else's file has the wanted name keeps it.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/layout.ts";
import { alternativeName, partNames } from "../logic/disk_name.ts";
import { FileMap, type FileSpan, type MappedFile } from "../logic/file_map.ts";
import { type PieceStore, StorageError } from "../ports.ts";
import { DataFolder, type DiskEntry } from "./data_folder.ts";
import { requireSpace } from "./disk_space.ts";
import { OpenFiles } from "./open_files.ts";
import type { DiskFile } from "./piece_digests.ts";
import { toStorageError } from "./storage_error.ts";

/** What the store needs to know of a file of the metainfo. */
export interface StoredFile extends MappedFile {
  /** Safe path relative to the folder, parts joined by `/`. */
  readonly path: string;
  /** Padding (BEP 47): zeros, never on disk. */
  readonly pad: boolean;
  /** A link (BEP 47): never made. */
  readonly symlink: boolean;
}

export interface FileStoreOptions {
  /** The folder that holds or will hold the files. */
  readonly dir: string;
  readonly files: readonly StoredFile[];
  readonly layout: Layout;
  /** `store.paths` of an earlier run: names we chose, so that a `.part` under them is ours. */
  readonly paths?: readonly string[] | undefined;
}

/** Where a file's bytes are: under its name, under its `.part` name, or not there yet. */
type Whereabouts = "final" | "part" | "nowhere";

interface Place {
  /** Relative path under its final name. */
  path: string;
  /** Relative path while it is unfinished. */
  part: string;
  at: Whereabouts;
}

/** Paths of `.part` files that a store of this process is writing: two torrents may share a name. */
const partsInUse = new Set<string>();

/** One torrent's files. Opening it creates nothing; call `prepare` before the first write. */
export class FileStore implements PieceStore {
  readonly #files: readonly StoredFile[];
  readonly #layout: Layout;
  readonly #map: FileMap;
  readonly #folder: DataFolder;
  readonly #places: Place[];
  readonly #isResumed: boolean;
  readonly #open = new OpenFiles();
  /** Files written to since the last `sync`. */
  readonly #unsynced = new Set<number>();
  readonly #claims = new Set<string>();
  /** Bytes that the disk has to have room for before the first write; 0 once it had. */
  #bytesToFit = 0;

  private constructor(options: FileStoreOptions) {
    this.#files = options.files;
    this.#layout = options.layout;
    this.#map = new FileMap(options.files);
    this.#folder = new DataFolder(options.dir);
    this.#isResumed = options.paths !== undefined;
    const paths = options.files.map((file, index) => options.paths?.[index] ?? file.path);
    const parts = partNames(paths);
    this.#places = paths.map((path, index) => ({ path, part: parts[index]!, at: "nowhere" }));
  }

  /** Looks at what is on disk. @throws {StorageError} where a folder leads out of `dir` */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const store = new FileStore(options);
    for (const [index, place] of store.#places.entries()) {
      if (store.#isOnDisk(index)) place.at = store.#locate(place, options.files[index]!.length);
      if (index % 256 === 255) await new Promise(setImmediate);
    }
    return store;
  }

  /** The folder that holds the files. */
  get dir(): string {
    return this.#folder.dir;
  }

  /** Final names of all files relative to the folder: what `options.paths` wants next time. */
  get paths(): string[] {
    return this.#places.map((place) => place.path);
  }

  /** Whether a file lies under its final name. Padding and links always do. */
  isFinal(file: number): boolean {
    return !this.#isOnDisk(file) || this.#places[file]!.at === "final";
  }

  /** Size and time of a file on disk, under whichever name; undefined where it is not there. */
  entry(file: number): DiskEntry | undefined {
    const place = this.#places[file]!;
    if (!this.#isOnDisk(file) || place.at === "nowhere") return undefined;
    const entry = this.#folder.entry(place.at === "final" ? place.path : place.part);
    return entry?.isFile ? entry : undefined;
  }

  /** How much of the torrent could be read here: for each file the bytes present, at most its length. */
  present(): number[] {
    return this.#files.map((file, index) =>
      this.#isOnDisk(index)
        ? Math.min(file.length, this.entry(index)?.size ?? 0)
        : file.pad
        ? file.length
        : 0
    );
  }

  /** The files as they are, for checking everything there is. */
  diskFiles(): DiskFile[] {
    return this.#files.map(({ offset, length }, index) => {
      return { offset, length, path: this.#isOnDisk(index) ? this.#pathOf(index) : undefined };
    });
  }

  /** Paths of files that stand where a new download would put its own. */
  inTheWay(): string[] {
    return this.#places.filter((place, index) =>
      this.#isOnDisk(index) && this.#folder.entry(place.path) !== undefined
    ).map((place) => this.#folder.path(place.path));
  }

  /**
   * Gets ready for writing: keeps the files in which a piece was good, gives others' files a wide
   * berth (`name (1).ext`), creates the empty ones.
   *
   * @param have the pieces found good on disk; the first write refuses where the rest does not fit
   * @throws {StorageError}
   */
  async prepare(have: Bitfield): Promise<void> {
    for (const [index, file] of this.#files.entries()) {
      if (!this.#isOnDisk(index)) continue;
      const place = this.#places[index]!;
      if (file.length === 0) this.#createEmpty(place);
      else if (!this.#isOurs(index, have)) this.#chooseName(place);
      if (place.at !== "final") this.#claim(place);
      if (index % 256 === 255) await new Promise(setImmediate);
    }
    this.#bytesToFit = this.#bytesMissing(have);
  }

  read(piece: number, into: Uint8Array): Promise<void> {
    return this.readRange(this.#layout.pieceOffset(piece), into);
  }

  /** Fills `into` with the torrent's bytes from `offset`. @throws {StorageError} */
  async readRange(offset: number, into: Uint8Array): Promise<void> {
    const spans = this.#map.spans(offset, into.length);
    if (spans.length === 1) return await this.#readSpan(spans[0]!, into);
    await inLanes(parts(spans, into), ([span, part]) => this.#readSpan(span, part));
  }

  async write(piece: number, bytes: Uint8Array): Promise<void> {
    if (this.#bytesToFit > 0) {
      // Better now than hours later, when the disk is full of a file that nobody can use.
      await requireSpace(this.dir, this.#bytesToFit);
      this.#bytesToFit = 0;
    }
    const spans = this.#map.spans(this.#layout.pieceOffset(piece), bytes.length);
    if (spans.length === 1) return await this.#writeSpan(spans[0]!, bytes);
    await inLanes(parts(spans, bytes), ([span, part]) => this.#writeSpan(span, part));
  }

  async sync(): Promise<void> {
    const files = [...this.#unsynced];
    this.#unsynced.clear();
    await inLanes(files, async (file) => {
      try {
        await this.#open.use(`w${file}`, () => this.#openToWrite(file), (h) => h.syncData());
      } catch (error) {
        this.#unsynced.add(file);
        throw toStorageError(error, "save", this.#pathOf(file));
      }
    });
  }

  async finish(file: number): Promise<void> {
    const place = this.#places[file]!;
    if (this.isFinal(file)) return;
    // Reading goes on through the handle that is open: a renamed file is the same file.
    await this.#open.close(`w${file}`);
    // Meanwhile another piece may have been the file's last one, too.
    if (this.isFinal(file)) return;
    try {
      let path = place.path;
      for (let n = 1; this.#folder.entry(path) !== undefined; n++) {
        path = alternativeName(place.path, n);
      }
      Deno.renameSync(this.#folder.path(place.part), this.#folder.path(path));
      this.#unclaim(place);
      place.path = path;
      place.at = "final";
    } catch (error) {
      throw toStorageError(error, "finish", this.#folder.path(place.part));
    }
  }

  /** Closes the handles; they open again when needed. */
  release(): Promise<void> {
    return this.#open.closeAll();
  }

  /** Deletes the torrent's files and the folders that become empty. @throws {StorageError} */
  async deleteData(): Promise<void> {
    await this.release();
    for (const [index, place] of this.#places.entries()) {
      if (place.at === "nowhere" || !this.#isOnDisk(index)) continue;
      const name = place.at === "final" ? place.path : place.part;
      try {
        Deno.removeSync(this.#folder.path(name));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) {
          throw toStorageError(error, "delete", this.#folder.path(name));
        }
      }
      place.at = "nowhere";
      this.#folder.removeEmptyParents(name);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
    for (const path of this.#claims) partsInUse.delete(path);
    this.#claims.clear();
  }

  /** Whether the torrent has this file on disk at all. */
  #isOnDisk(file: number): boolean {
    const { pad, symlink } = this.#files[file]!;
    return !pad && !symlink;
  }

  #pathOf(file: number): string {
    const place = this.#places[file]!;
    return this.#folder.path(place.at === "part" ? place.part : place.path);
  }

  /** Where to look for a file's bytes before anything is known about them. */
  #locate(place: Place, length: number): Whereabouts {
    const final = this.#folder.entry(place.path);
    const part = partsInUse.has(this.#folder.path(place.part))
      ? undefined
      : this.#folder.entry(place.part);
    if (part?.isFile && (this.#isResumed || final?.size !== length)) return "part";
    return final?.isFile ? "final" : part?.isFile ? "part" : "nowhere";
  }

  /** Whether what lies there is this torrent's: a good piece proves it, our record vouches for parts. */
  #isOurs(index: number, have: Bitfield): boolean {
    const { at } = this.#places[index]!;
    if (at === "nowhere") return false;
    if (at === "part" && this.#isResumed) return true;
    const file = this.#files[index]!;
    const pieces = this.#layout.piecesOf(file.offset, file.length)!;
    for (let piece = pieces.first; piece <= pieces.last; piece++) if (have.has(piece)) return true;
    return false;
  }

  /** Finds a name under which nothing lies. */
  #chooseName(place: Place): void {
    const { path } = place;
    place.at = "nowhere";
    for (let n = 0;; n++) {
      place.path = alternativeName(path, n);
      if (n > 0) place.part = `${place.path}.part`;
      const taken = partsInUse.has(this.#folder.path(place.part)) ||
        this.#folder.entry(place.path) !== undefined ||
        this.#folder.entry(place.part) !== undefined;
      if (!taken) return;
    }
  }

  #createEmpty(place: Place): void {
    const { path } = place;
    for (let n = 0;; n++) {
      place.path = alternativeName(path, n);
      const entry = this.#folder.entry(place.path);
      if (entry !== undefined && !(entry.isFile && entry.size === 0)) continue;
      place.at = "final";
      if (entry !== undefined) return;
      this.#folder.makeParents(place.path);
      try {
        Deno.openSync(this.#folder.path(place.path), { write: true, createNew: true }).close();
        return;
      } catch (error) {
        throw toStorageError(error, "create", this.#folder.path(place.path));
      }
    }
  }

  #claim(place: Place): void {
    const path = this.#folder.path(place.part);
    partsInUse.add(path);
    this.#claims.add(path);
  }

  #unclaim(place: Place): void {
    const path = this.#folder.path(place.part);
    partsInUse.delete(path);
    this.#claims.delete(path);
  }

  #bytesMissing(have: Bitfield): number {
    let bytes = 0;
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece)) continue;
      const spans = this.#map.spans(
        this.#layout.pieceOffset(piece),
        this.#layout.pieceSize(piece),
      );
      for (const span of spans) if (this.#isOnDisk(span.file)) bytes += span.length;
    }
    return bytes;
  }

  async #readSpan(span: FileSpan, into: Uint8Array): Promise<void> {
    if (this.#files[span.file]!.pad) {
      into.fill(0);
      return;
    }
    try {
      await this.#open.use(`r${span.file}`, () => this.#openToRead(span.file), async (handle) => {
        handle.seekSync(span.offset, Deno.SeekMode.Start);
        for (let at = 0; at < into.length;) {
          const n = await handle.read(at === 0 ? into : into.subarray(at));
          if (n === null) throw tooShort(this.#pathOf(span.file));
          at += n;
        }
      });
    } catch (error) {
      throw toStorageError(error, "read", this.#pathOf(span.file));
    }
  }

  async #writeSpan(span: FileSpan, bytes: Uint8Array): Promise<void> {
    if (!this.#isOnDisk(span.file)) return;
    try {
      await this.#open.use(`w${span.file}`, () => this.#openToWrite(span.file), async (handle) => {
        handle.seekSync(span.offset, Deno.SeekMode.Start);
        this.#unsynced.add(span.file);
        for (let at = 0; at < bytes.length;) {
          at += await handle.write(at === 0 ? bytes : bytes.subarray(at));
        }
      });
    } catch (error) {
      throw toStorageError(error, "write", this.#pathOf(span.file));
    }
  }

  // Opening is synchronous, as renaming is, so that a file cannot change its name in between.
  #openToRead(file: number): Deno.FsFile {
    if (this.entry(file) === undefined) {
      throw new StorageError(
        "missing",
        this.#pathOf(file),
        `Cannot read ${this.#pathOf(file)}: it is missing`,
      );
    }
    return Deno.openSync(this.#pathOf(file), { read: true });
  }

  #openToWrite(file: number): Deno.FsFile {
    const place = this.#places[file]!;
    if (place.at !== "nowhere") return Deno.openSync(this.#pathOf(file), { write: true });
    this.#folder.makeParents(place.part);
    // A file that vanished is not made anew: pieces believed to be in it would be lost in silence.
    const handle = Deno.openSync(this.#folder.path(place.part), { write: true, createNew: true });
    place.at = "part";
    return handle;
  }
}

function tooShort(path: string): StorageError {
  return new StorageError("missing", path, `Cannot read ${path}: it is shorter than it was`);
}

/** Each span with its bytes in `buffer`. */
function* parts(spans: FileSpan[], buffer: Uint8Array): Generator<[FileSpan, Uint8Array]> {
  let at = 0;
  for (const span of spans) yield [span, buffer.subarray(at, at += span.length)];
}

/** Runs the jobs a few at a time. After the first error none is begun, and none is left running. */
async function inLanes<T>(items: Iterable<T>, job: (item: T) => Promise<void>): Promise<void> {
  const queue = Iterator.from(items);
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && !hasFailed; next = queue.next()) {
      await job(next.value).catch((error) => {
        hasFailed = true;
        throw error;
      });
    }
  };
  for (const result of await Promise.allSettled(Array.from({ length: 8 }, lane))) {
    if (result.status === "rejected") throw result.reason;
  }
}
