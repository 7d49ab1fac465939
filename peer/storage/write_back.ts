/**
 * Has the disk write while a download runs, so that little is left to wait for at its end.
 *
 * @module
 */

/**
 * Bytes of a file that are written before the disk is told to begin. Each time costs a commit of the
 * file system's journal; what is left at the end is at most this and what came meanwhile.
 */
const BYTES_A_TIME = 2 ** 26;

/**
 * Counts what is written to each file and syncs it now and then, one file at a time. Nothing waits for
 * this: whether the bytes are safe is what `FileStore.sync` says, on a handle of its own, which the
 * system tells of every failed write as well.
 */
export class WriteBack {
  readonly #bytes = new Map<number, number>();
  #running: Promise<void> | undefined;

  /**
   * @param begin syncs a file
   * @param bytesATime see `BYTES_A_TIME`
   */
  constructor(
    private readonly begin: (file: number) => Promise<void>,
    private readonly bytesATime = BYTES_A_TIME,
  ) {}

  /** `length` bytes of `file` were written. */
  wrote(file: number, length: number): void {
    const bytes = (this.#bytes.get(file) ?? 0) + length;
    this.#bytes.set(file, bytes);
    if (bytes < this.bytesATime || this.#running !== undefined) return;
    this.#bytes.delete(file);
    this.#running = this.begin(file).catch(() => {}).finally(() => this.#running = undefined);
  }

  /** All of `file` is safe, or about to be. */
  forget(file: number): void {
    this.#bytes.delete(file);
  }
}
