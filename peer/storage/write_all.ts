/**
 * Writing whole buffers to files, in calls that are small enough for the kernel.
 *
 * @module
 */

/**
 * Most bytes of one call. A kernel with large folios takes page-cache memory in blocks as large as
 * the call: large blocks are cold, and on a virtual machine each of their pages may be a fault in
 * the host. Smaller calls cost more CPU of our own, a thread's wake-up each. Which of both weighs more
 * depends on the machine: this is the size that is far from the best on none (bench/RESULTS.md).
 */
export const WRITE_SIZE = 256 * 1024;

/** Writes all `bytes` where the file stands. */
export async function writeAll(
  file: Pick<Deno.FsFile, "write">,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at, at + WRITE_SIZE));
  }
}

/** The same, for code that may not be interrupted. */
export function writeAllSync(file: Pick<Deno.FsFile, "writeSync">, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(bytes.subarray(at, at + WRITE_SIZE));
  }
}
