/**
 * Memory that is already there: what keeps a virtual machine's host out of the figures.
 *
 * @module
 */
import { join } from "node:path";
import { MIB } from "./workload.ts";

const WRITES = [MIB / 16, MIB / 4, MIB] as const;

/**
 * Has the system own `bytes` of free memory that was used a moment ago, by writing and deleting
 * files of that size in `dir`, in writes of several sizes: page caches are made of blocks as large
 * as the writes, and free blocks of each size are kept apart.
 *
 * A virtual machine gives free memory back to its host, and the first write to every page fetched
 * anew from there costs more than all else a transfer does: 2.3 s a GiB where 0.2 s is the copy.
 * Who of two programs meets that is chance.
 */
export async function warmMemory(dir: string, bytes: number): Promise<void> {
  const path = join(dir, "warm");
  for (const size of WRITES) {
    const zeros = new Uint8Array(size);
    {
      using file = await Deno.open(path, { write: true, createNew: true });
      for (let done = 0; done < bytes; done += size) await file.write(zeros);
    }
    await Deno.remove(path);
  }
}
