/**
 * Names that are not UTF-8. Linux may have them; the runtime knows names as text alone, in which such
 * bytes are U+FFFD, and opens nothing by that.
 *
 * @module
 */
import { basename, dirname, resolve, sep } from "node:path";

/** What stands for bytes that are no text. */
const REPLACEMENT = "\ufffd";

/** Why such a file cannot be used, in words that follow "it" or its name. */
export const NOT_UTF8 = "has a name that is not UTF-8";

/** Whether a name in a folder's list may be of that kind: it is if nothing is found by it. */
export function mayBeNotUtf8(name: string): boolean {
  return name.includes(REPLACEMENT);
}

/** Whether a path leads nowhere because a name on its way is not UTF-8. */
export function isNotUtf8(path: string): boolean {
  if (!mayBeNotUtf8(path)) return false;
  const way: string[] = [];
  for (let at = resolve(path); at !== dirname(at); at = dirname(at)) way.unshift(at);
  const first = way.find((one) => !isThere(one));
  return first !== undefined && mayBeNotUtf8(basename(first)) && isListed(first);
}

/** Where a file with a name of these bytes would be shown to lie: see {@linkcode isNotUtf8}. */
export function shownPath(folder: string, components: readonly Uint8Array[]): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return [folder, ...components.map((bytes) => decoder.decode(bytes))].join(sep);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // Nothing that can be asked for by this name.
  }
}

function isListed(path: string): boolean {
  try {
    for (const { name } of Deno.readDirSync(dirname(path))) {
      if (name === basename(path)) return true;
    }
  } catch {
    // Nobody can tell.
  }
  return false;
}
