/**
 * A ZIP archive without compression: what is in it is compressed already or small.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { concatBytes } from "../../../protocol/mod.ts";

/** One file of an archive. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it may be started. */
  readonly executable?: boolean;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Version 2.0, made on Unix, so that modes count. */
const NEEDED = 20;
const MADE_BY = 3 << 8 | NEEDED;
/** 1 January 1980: the same files make the same archive. */
const DATE = 0x21;

/** The archive's bytes. */
export function zip(files: readonly ZipFile[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes, executable } of files) {
    const path = new TextEncoder().encode(name);
    const sum = crc32(bytes);
    const local = record(30, path, (view) => {
      view.setUint32(0, LOCAL, true);
      view.setUint16(4, NEEDED, true);
      facts(view, 12, sum, bytes.length, path.length);
    });
    directory.push(record(46, path, (view) => {
      view.setUint32(0, CENTRAL, true);
      view.setUint16(4, MADE_BY, true);
      view.setUint16(6, NEEDED, true);
      facts(view, 14, sum, bytes.length, path.length);
      view.setUint32(38, (executable ? 0o100755 : 0o100644) * 0x10000, true);
      view.setUint32(42, offset, true);
    }));
    parts.push(local, bytes);
    offset += local.length + bytes.length;
  }
  const size = directory.reduce((total, { length }) => total + length, 0);
  const end = record(22, new Uint8Array(), (view) => {
    view.setUint32(0, END, true);
    view.setUint16(8, files.length, true);
    view.setUint16(10, files.length, true);
    view.setUint32(12, size, true);
    view.setUint32(16, offset, true);
  });
  return concatBytes([...parts, ...directory, end]);
}

/** Date, checksum, sizes and length of the name, which stand in the same order in both records. */
function facts(view: DataView, at: number, sum: number, size: number, name: number): void {
  view.setUint16(at, DATE, true);
  view.setUint32(at + 2, sum, true);
  view.setUint32(at + 6, size, true);
  view.setUint32(at + 10, size, true);
  view.setUint16(at + 14, name, true);
}

function record(length: number, name: Uint8Array, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length + name.length);
  fill(new DataView(bytes.buffer));
  bytes.set(name, length);
  return bytes;
}
