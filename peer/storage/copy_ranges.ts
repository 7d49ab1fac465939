/**
 * Copies the correct ranges of a file that differs into a new one, and tells whether the old file
 * has anything else to lose.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { MappedFile } from "../pieces/file_map.ts";
import { StorageError } from "../ports.ts";
import { writeAll } from "./write_all.ts";

/** A range of a file in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes read and written at once. */
const CHUNK = 2 ** 20;

/**
 * The ranges of a file that lie in good pieces, joined where they meet.
 *
 * @param size bytes that there are of it
 * @returns `isBegin`: the file is cut short, and no whole piece of what is there is wrong
 */
export function bytesIn(
  layout: Layout,
  file: MappedFile,
  have: Bitfield,
  size: number,
): { ranges: ByteRange[]; isBegin: boolean } {
  const ranges: { offset: number; length: number }[] = [];
  const pieces = layout.piecesOf(file.offset, file.length);
  let isBegin = size < file.length;
  for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++) {
    const from = Math.max(0, layout.pieceOffset(piece) - file.offset);
    const to = Math.min(
      file.length,
      layout.pieceOffset(piece) + layout.pieceSize(piece) - file.offset,
    );
    if (!have.has(piece)) {
      isBegin &&= to > size;
      continue;
    }
    const last = ranges.at(-1);
    if (last !== undefined && last.offset + last.length === from) last.length += to - from;
    else ranges.push({ offset: from, length: to - from });
  }
  return { ranges, isBegin };
}

/** Copies ranges to the same places. @throws {DOMException} on `signal` */
export async function copyRanges(
  from: Deno.FsFile,
  to: Deno.FsFile,
  ranges: readonly ByteRange[],
  signal?: AbortSignal,
): Promise<void> {
  const buffer = new Uint8Array(CHUNK);
  for (const { offset, length } of ranges) {
    for (let done = 0; done < length;) {
      signal?.throwIfAborted();
      const read = await readAt(from, offset + done, buffer.subarray(0, length - done));
      if (read.length === 0) return;
      to.seekSync(offset + done, Deno.SeekMode.Start);
      await writeAll(to, read);
      done += read.length;
    }
  }
}

/** Whether `file` begins with all of `begin`. */
export async function isBeginOf(begin: Deno.FsFile, file: Deno.FsFile): Promise<boolean> {
  const one = new Uint8Array(CHUNK);
  const other = new Uint8Array(CHUNK);
  for (let offset = 0;;) {
    const bytes = await readAt(begin, offset, one);
    if (bytes.length === 0) return true;
    if (!isSame(bytes, await readAt(file, offset, other.subarray(0, bytes.length)))) return false;
    offset += bytes.length;
  }
}

/** @throws {StorageError} of kind "changed" where other bytes stand at `offset` */
export async function requireSameBytes(
  file: Deno.FsFile,
  offset: number,
  bytes: Uint8Array,
  path: string,
): Promise<void> {
  if (isSame(bytes, await readAt(file, offset, new Uint8Array(bytes.length)))) return;
  throw new StorageError(
    "changed",
    path,
    `${path} was changed by another program. Nothing is written to it`,
    { remedy: { kind: "changed", files: 1 } },
  );
}

/** Bytes from `offset`: fewer than fit only at the end of the file. */
async function readAt(file: Deno.FsFile, offset: number, into: Uint8Array): Promise<Uint8Array> {
  file.seekSync(offset, Deno.SeekMode.Start);
  let at = 0;
  while (at < into.length) {
    const n = await file.read(into.subarray(at));
    if (n === null) break;
    at += n;
  }
  return into.subarray(0, at);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
