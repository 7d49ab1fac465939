/**
 * What a page may name to be added: links, names and info hashes, and nothing that this machine would
 * have to read or fetch for whoever is shown the page.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";

/** `text` without the blanks around it. @throws {UsageError} where it is not for a page to name */
export function whatToAdd(text: string | undefined): string {
  const what = text?.trim() ?? "";
  if (what === "") {
    throw new UsageError('"what" is missing: a magnet link, a catalogue name or an info hash');
  }
  if (/^https?:/i.test(what)) {
    throw new UsageError("The page does not fetch URLs: save the .torrent and drop it here");
  }
  return what;
}
