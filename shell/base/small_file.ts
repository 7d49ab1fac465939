/**
 * Small files that people write, such as templates, rubrics and scenarios: read only where they are
 * files, and small. A link to a device or a pipe in a student's folder would be read for ever.
 *
 * @module
 */
import { UsageError } from "./errors.ts";

/** Longest such file, bytes. */
const MOST_BYTES = 200_000;

/**
 * @param shown how the message calls the file
 * @param what what it should be, such as "scenario"
 * @throws {UsageError} where it is no file, or too large
 * @throws {Deno.errors.NotFound} where there is none
 */
export async function readSmallFile(path: string, shown: string, what: string): Promise<string> {
  const { size, isFile } = await Deno.stat(path);
  if (!isFile) throw new UsageError(`${shown} is no file`);
  if (size > MOST_BYTES) {
    throw new UsageError(`${shown} is too large for a ${what}: ${size} bytes`);
  }
  return await Deno.readTextFile(path);
}
