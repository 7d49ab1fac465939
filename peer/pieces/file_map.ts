/**
 * File map: which files a range of a torrent's bytes lies in.
 *
 * @module
 */

/** What is needed of a file: where it begins in the torrent, and how long it is, in bytes. */
export interface MappedFile {
  readonly offset: number;
  readonly length: number;
}

/** A range of one file. */
export interface FileSpan {
  /** Index of the file. */
  readonly file: number;
  /** Offset in bytes from the start of the file. */
  readonly offset: number;
  /** Length in bytes, never 0. */
  readonly length: number;
}

/** The files of a torrent, laid end to end. */
export class FileMap {
  readonly #files: readonly MappedFile[];
  readonly #totalSize: number;

  constructor(files: readonly MappedFile[]) {
    this.#files = files;
    let end = 0;
    for (const file of files) {
      if (file.offset !== end) {
        throw new RangeError(`Cannot map a file at offset ${file.offset} where ${end} is due`);
      }
      end += file.length;
    }
    this.#totalSize = end;
  }

  /** The parts of files that `length` bytes from `offset` lie in, in order. Empty files have none. */
  spans(offset: number, length: number): FileSpan[] {
    if (offset < 0 || length < 0 || offset + length > this.#totalSize) {
      throw new RangeError(
        `Cannot map ${length} bytes at ${offset} in a torrent of ${this.#totalSize}`,
      );
    }
    if (length === 0) return [];
    const end = offset + length;
    const first = this.#fileAt(offset);
    const { offset: start, length: size } = this.#files[first]!;
    // Asked for with each piece: most lie in one file.
    if (end <= start + size) return [{ file: first, offset: offset - start, length }];
    const spans: FileSpan[] = [];
    let at = offset;
    for (let index = first; at < end; index++) {
      const file = this.#files[index]!;
      const stop = Math.min(end, file.offset + file.length);
      if (stop > at) spans.push({ file: index, offset: at - file.offset, length: stop - at });
      at = Math.max(at, stop);
    }
    return spans;
  }

  /** Index of the first file that ends after `offset`. */
  #fileAt(offset: number): number {
    let low = 0;
    let high = this.#files.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const file = this.#files[middle]!;
      if (file.offset + file.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Each span with its bytes in `buffer`. */
export function* spansWithBytes(
  spans: readonly FileSpan[],
  buffer: Uint8Array,
): Generator<[FileSpan, Uint8Array]> {
  let at = 0;
  for (const span of spans) yield [span, buffer.subarray(at, at += span.length)];
}

/** A file of which perhaps not all is there. */
export interface PresentFile extends DiskFile {
  /** Bytes that are there, from its begin. */
  readonly present: number;
}

/** A file to read. Without a path its bytes are zeros (padding). */
export interface DiskFile extends MappedFile {
  readonly path: string | undefined;
  /** Where in the file its bytes begin. Default 0. */
  readonly start?: number;
}
