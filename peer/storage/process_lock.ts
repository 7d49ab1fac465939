/**
 * Process lock: a lock of the system's on a file, in which its holder writes which process it is. It
 * ends with the process, however that ends.
 *
 * @module
 */

/** Writes down that this process has it. */
export function signLock(file: Deno.FsFile): void {
  file.truncateSync();
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
}

/** Who has it, in words: `process 123`, or `unknown` where the file does not tell. */
export function holderOf(file: Deno.FsFile, unknown: string): string {
  const buffer = new Uint8Array(32);
  try {
    const pid = new TextDecoder().decode(buffer.subarray(0, file.readSync(buffer) ?? 0)).trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : unknown;
  } catch {
    // Windows lets nobody read a locked file.
    return unknown;
  }
}

/** Gives it up. */
export function endLock(file: Deno.FsFile): void {
  // Closing does not end it while a program that is being started still has the file, too.
  file.unlockSync();
  file.close();
}
