/**
 * Allow or deny list as people write it: one info hash in hex per line; lines that start with `#`
 * are comments.
 *
 * @module
 */

/** More torrents than a file is worth reading. */
const MAX_HASHES = 1_000_000;

/** A line that cannot be understood, with a sentence that names it. */
export class AccessListError extends Error {
  override name = "HashListError";
}

/** The info hashes of `text` in lower case. @throws {AccessListError} */
export function parseAccessList(text: string): Set<string> {
  const hashes = new Set<string>();
  for (const [index, line] of text.replace(/^\ufeff/, "").split(/\r?\n/).entries()) {
    const hash = line.replace(/#.*/, "").trim().toLowerCase();
    if (hash === "") continue;
    if (!/^[0-9a-f]{40}$/.test(hash)) {
      const shown = hash.length > 50 ? `${hash.slice(0, 50)}…` : hash;
      throw new AccessListError(`line ${index + 1} is not an info hash of 40 hex digits: ${shown}`);
    }
    if (hashes.size === MAX_HASHES) {
      throw new AccessListError(`more than ${MAX_HASHES} info hashes`);
    }
    hashes.add(hash);
  }
  return hashes;
}
