/**
 * Process lock: a lock of the system's on a file, in which its holder writes which process it is. It
 * ends with the process, however that ends.
 *
 * @module
 */
import { StorageError } from "../ports.ts";

/** Bytes that no lock of ours reaches. */
const MOST = 32;

/**
 * Writes down that this process has it.
 *
 * @throws {StorageError} where the file at `path` is somebody's own: nothing is written to it
 */
export function signLock(file: Deno.FsFile, path: string): void {
  const content = contentOf(file);
  // Empty: whoever made it was killed before it could write.
  if (content !== "" && processOf(content) === undefined) {
    throw new StorageError(
      "exists",
      path,
      `Cannot lock ${path}: it is no lock of vtorrent's: move it away`,
    );
  }
  file.truncateSync();
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
}

/** Who has it, in words: `process 123`, or `unknown` where the file does not tell. */
export function holderOf(file: Deno.FsFile, unknown: string): string {
  try {
    const pid = processOf(contentOf(file));
    return pid === undefined ? unknown : `process ${pid}`;
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

/** What is written in it, as far as a lock of ours goes. */
function contentOf(file: Deno.FsFile): string {
  const buffer = new Uint8Array(MOST);
  file.seekSync(0, Deno.SeekMode.Start);
  return new TextDecoder().decode(buffer.subarray(0, file.readSync(buffer) ?? 0));
}

function processOf(content: string): string | undefined {
  return /^(\d+)\n$/.exec(content)?.[1];
}
