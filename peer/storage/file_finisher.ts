/**
 * Gives files their final names, beside everything else.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { MetainfoFile } from "../../protocol/metainfo.ts";
import { slices } from "../../loop/process_loop.ts";
import { FileMap } from "../pieces/file_map.ts";
import { runConcurrently } from "./run_concurrently.ts";
import type { PieceStore } from "../ports.ts";

/** One torrent's files on their way to their names. */
export class FileFinisher {
  readonly #files: readonly MetainfoFile[];
  readonly #map: FileMap;
  readonly #layout: Layout;
  readonly #store: PieceStore;
  readonly #onFinished: (path: string, disk: string) => void;
  readonly #waiting = new Set<number>();
  /** How often it is being found out which files are whole. */
  #looking = 0;
  #work: Promise<void> | undefined;

  /** @param onFinished a file that had no final name before has it now: on disk, `disk` */
  constructor(
    files: readonly MetainfoFile[],
    layout: Layout,
    store: PieceStore,
    onFinished: (path: string, disk: string) => void,
  ) {
    this.#files = files;
    this.#map = new FileMap(files);
    this.#layout = layout;
    this.#store = store;
    this.#onFinished = onFinished;
  }

  /** Whether no file waits for its name. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#work === undefined && this.#looking === 0;
  }

  /** Pieces `first` to `last` are there: the files that are whole by that wait for their names. */
  add(have: Bitfield, first: number, last: number): void {
    const from = this.#layout.pieceOffset(first);
    const to = this.#layout.pieceOffset(last) + this.#layout.pieceSize(last);
    for (const { file } of this.#map.spans(from, to - from)) this.#addIfWhole(have, file);
  }

  /** All files that are whole wait for their names. */
  async addAll(have: Bitfield): Promise<void> {
    this.#looking++;
    try {
      await slices.each(this.#files.keys(), (file) => {
        if (this.#files[file]!.length > 0) this.#addIfWhole(have, file);
      });
    } finally {
      this.#looking--;
    }
  }

  #addIfWhole(have: Bitfield, file: number): void {
    const { offset, length, pad } = this.#files[file]!;
    const pieces = this.#layout.piecesOf(offset, length)!;
    if (!pad && have.hasRange(pieces.first, pieces.last)) this.#waiting.add(file);
  }

  /**
   * Gives their names to those that wait, now and then instead of one by one: syncing every small
   * file at its end would hold up the whole transfer.
   *
   * @throws {StorageError} The files after it are let go: `add` them again to go on.
   */
  async finish(): Promise<void> {
    if (this.#waiting.size > 0 || this.#work !== undefined) await (this.#work ??= this.#runLanes());
  }

  async #runLanes(): Promise<void> {
    try {
      // More may have come just when the lanes had ended.
      const pause = slices.pacer();
      while (this.#waiting.size > 0) {
        await runConcurrently(this.#taken(), async (file) => {
          await pause();
          await this.#name(file);
        });
      }
    } catch (error) {
      this.#waiting.clear();
      throw error;
    } finally {
      this.#work = undefined;
    }
  }

  *#taken(): Generator<number> {
    for (const file of this.#waiting) {
      this.#waiting.delete(file);
      yield file;
    }
  }

  async #name(file: number): Promise<void> {
    const disk = await this.#store.finish(file);
    if (disk !== undefined) this.#onFinished(this.#files[file]!.path, disk);
  }
}
