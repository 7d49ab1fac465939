/**
 * Files that are shared: bytes that nobody can guess, names that no program can have built in.
 *
 * @module
 */

/** A file to share. */
export interface TestFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const RANDOM_AT_ONCE = 65_536;

/** Makes a file of random bytes; `name` may have a `#` that a number takes the place of. */
export function makeFile(size: number, name = "data_#.bin"): TestFile {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += RANDOM_AT_ONCE) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + RANDOM_AT_ONCE)));
  }
  const number = 1000 + crypto.getRandomValues(new Uint16Array(1))[0]! % 9000;
  return { name: name.replace("#", String(number)), bytes };
}
