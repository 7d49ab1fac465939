/**
 * Memory as on a machine that has been in use: what keeps a virtual machine's host out of the figures.
 *
 * @module
 */
import { join } from "@std/path";
import { MIB } from "./workload.ts";

/** About what a system keeps free by itself, in bytes. */
const FREE = 640 * MIB;
/** Read between two looks at how much is free, in bytes. */
const STEP = 16 * MIB;

/**
 * Fills free memory with the cached holes of a file, as files fill it on every machine that runs for
 * a while. What a transfer needs is then taken back from these, and costs every program the same.
 *
 * A virtual machine gives free memory back to its host, and the first write to every page fetched
 * anew from there costs more than all else a transfer does: 2.3 s a GiB where 0.2 s is the copy.
 * Large free blocks go back, small ones stay: who writes much at a time met that most often.
 */
export class WarmMemory {
  readonly #path: string;
  #offset = 0;

  /** Its file, which takes no room on the disk, is made in `dir`, whose owner deletes it. */
  constructor(dir: string) {
    this.#path = join(dir, "holes");
  }

  /** Leaves little free memory. Reads on where it ended: what was read long ago is no longer cached. */
  async fill(signal: AbortSignal): Promise<void> {
    using file = await Deno.open(this.#path, { read: true, write: true, create: true });
    await file.truncate(2 * Deno.systemMemoryInfo().total);
    await file.seek(this.#offset, Deno.SeekMode.Start);
    const buffer = new Uint8Array(MIB);
    const enough = 2 * Deno.systemMemoryInfo().free;
    for (let read = 0; read < enough && Deno.systemMemoryInfo().free > FREE; read += STEP) {
      signal.throwIfAborted(); // the first time takes a minute
      for (let done = 0; done < STEP; done += buffer.length) {
        if (await file.read(buffer) === null) await file.seek(0, Deno.SeekMode.Start);
      }
    }
    this.#offset = await file.seek(0, Deno.SeekMode.Current);
  }
}
