/**
 * What is transferred: files of random bytes, made once, and the .torrent that describes them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { dirname, join } from "@std/path";
import { encodeBencode } from "../protocol/bencode.ts";

/** Bytes in a MiB. */
export const MIB = 1 << 20;

/** What a workload consists of. */
export interface WorkloadPlan {
  /** Bytes in all. */
  size: number;
  /** Bytes. */
  pieceLength: number;
  /** 1 makes a single-file torrent. */
  fileCount: number;
}

interface PlannedFile {
  /** Relative to the folder that holds the data. */
  path: string;
  length: number;
}

/** Files on disk and their piece hashes. */
export class Workload {
  readonly plan: WorkloadPlan;
  readonly name: string;
  /** The folder that holds the data. */
  readonly dir: string;
  readonly files: readonly PlannedFile[];
  /** 20 bytes a piece. */
  readonly pieces: Uint8Array;

  private constructor(
    plan: WorkloadPlan,
    dir: string,
    files: readonly PlannedFile[],
    pieces: Uint8Array,
  ) {
    this.plan = plan;
    this.name = nameOf(plan);
    this.dir = dir;
    this.files = files;
    this.pieces = pieces;
  }

  /** Makes the files in the new folder `dir`, flushed to disk so that no run pays for it. */
  static async make(dir: string, plan: WorkloadPlan): Promise<Workload> {
    const files = planFiles(plan);
    const pieces = new Uint8Array(20 * Math.ceil(plan.size / plan.pieceLength));
    const piece = new Uint8Array(plan.pieceLength);
    let filled = 0;
    let hashed = 0;
    const hashPiece = async () => {
      const hash = await crypto.subtle.digest("SHA-1", piece.subarray(0, filled));
      pieces.set(new Uint8Array(hash), 20 * hashed++);
      filled = 0;
    };
    for (const { path, length } of files) {
      const whole = join(dir, path);
      await Deno.mkdir(dirname(whole), { recursive: true });
      using file = await Deno.open(whole, { write: true, createNew: true });
      for (let left = length; left > 0;) {
        const part = piece.subarray(filled, filled + Math.min(left, plan.pieceLength - filled));
        fillRandom(part);
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
        filled += part.length;
        left -= part.length;
        if (filled === plan.pieceLength) await hashPiece();
      }
      await file.sync();
    }
    if (filled > 0) await hashPiece();
    return new Workload(plan, dir, files, pieces);
  }

  /** The .torrent, with one tracker. */
  torrent(announce: string): Uint8Array {
    const { size, pieceLength, fileCount } = this.plan;
    const content = fileCount === 1 ? { length: size } : {
      files: this.files.map(({ path, length }) => ({ length, path: path.split("/").slice(1) })),
    };
    return encodeBencode({
      announce,
      info: { name: this.name, "piece length": pieceLength, pieces: this.pieces, ...content },
    });
  }

  /** Puts the files into another folder, without copying bytes: a seed's data. */
  async linkInto(dir: string): Promise<void> {
    for (const { path } of this.files) {
      await Deno.mkdir(dirname(join(dir, path)), { recursive: true });
      await Deno.link(join(this.dir, path), join(dir, path));
    }
  }

  /** The first file in a folder whose bytes are not those of the workload. */
  async firstDifference(dir: string): Promise<string | undefined> {
    const buffers = [Buffer.alloc(4 * MIB), Buffer.alloc(4 * MIB)] as const;
    for (const { path } of this.files) {
      if (!await sameFile(join(this.dir, path), join(dir, path), buffers)) return path;
    }
    return undefined;
  }
}

function nameOf(plan: WorkloadPlan): string {
  return plan.fileCount === 1 ? "data.bin" : "many files";
}

/** Sizes from half to one and a half of the mean, the same ones in every run. */
function planFiles(plan: WorkloadPlan): PlannedFile[] {
  const name = nameOf(plan);
  if (plan.fileCount === 1) return [{ path: name, length: plan.size }];
  const mean = plan.size / plan.fileCount;
  const files: PlannedFile[] = [];
  let left = plan.size;
  for (let i = 0; i < plan.fileCount; i++) {
    const last = i === plan.fileCount - 1;
    // Steps by the golden ratio spread evenly; pairs of short and long keep to the mean.
    const share = i % 2 === 0 ? 0.5 + (i * 0.618) % 1 : 1.5 - ((i - 1) * 0.618) % 1;
    const length = last ? left : Math.min(left, Math.round(mean * share));
    const folder = String(Math.floor(i / 100)).padStart(3, "0");
    files.push({ path: `${name}/${folder}/${String(i).padStart(5, "0")}.bin`, length });
    left -= length;
  }
  return files;
}

/** Random bytes: nothing on the way can compress or share them. */
function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  const most = 65536; // what one call may ask for
  for (let at = 0; at < bytes.length; at += most) {
    crypto.getRandomValues(bytes.subarray(at, at + most));
  }
}

async function sameFile(
  one: string,
  other: string,
  [bufferA, bufferB]: readonly [Buffer, Buffer],
): Promise<boolean> {
  try {
    using a = await Deno.open(one);
    using b = await Deno.open(other);
    const { size } = await a.stat();
    if ((await b.stat()).size !== size) return false;
    for (let left = size; left > 0; left -= bufferA.length) {
      const length = Math.min(left, bufferA.length);
      if (!await readFull(a, bufferA.subarray(0, length))) return false;
      if (!await readFull(b, bufferB.subarray(0, length))) return false;
      if (!bufferA.subarray(0, length).equals(bufferB.subarray(0, length))) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function readFull(file: Deno.FsFile, into: Uint8Array): Promise<boolean> {
  for (let at = 0; at < into.length;) {
    const count = await file.read(into.subarray(at));
    if (count === null) return false;
    at += count;
  }
  return true;
}
