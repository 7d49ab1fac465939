/**
 * Where explanations and captures end up: a file that is written in large parts.
 *
 * @module
 */

/** Where bytes of explanations end up. */
export interface Sink extends Disposable {
  write(bytes: Uint8Array): void;
  flush(): void;
}

/** Bytes that a file keeps back at most. */
const FILE_BUFFER = 1 << 16;

/** A new file, written in large parts. A disk that fails ends the file, not the transfer. */
export class FileSink implements Sink {
  readonly #file: Deno.FsFile;
  readonly #buffer = new Uint8Array(FILE_BUFFER);
  #length = 0;
  #failed = false;

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  write(bytes: Uint8Array): void {
    if (this.#length + bytes.length > FILE_BUFFER) this.flush();
    if (bytes.length > FILE_BUFFER) return this.#put(bytes);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  flush(): void {
    this.#put(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  [Symbol.dispose](): void {
    this.flush();
    this.#file.close();
  }

  #put(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length && !this.#failed;) {
        at += this.#file.writeSync(bytes.subarray(at));
      }
    } catch {
      this.#failed = true;
    }
  }
}
