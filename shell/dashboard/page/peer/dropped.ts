/**
 * Dropped things: which of them are torrents, and what is said of the others. Pure.
 *
 * @module
 */
import { count } from "../words.ts";

/** The largest .torrent that a peer takes, bytes. */
const MAX_TORRENT = 64 * 2 ** 20;
/** Files that are taken at once, and wrong ones that are named. */
const MAX_FILES = 200;
const MAX_NAMED = 3;
/** What every .torrent begins with: a bencoded dictionary. */
const DICTIONARY = "d".charCodeAt(0);

/** A file as it was dropped. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
  /** Its first byte; undefined where it cannot be read: a folder, or gone. */
  readonly first: number | undefined;
}

/** Which files are used, by their places, and a sentence for each of the first that are not. */
export function sortDropped(
  files: readonly DroppedFile[],
): { readonly used: readonly number[]; readonly problems: readonly string[] } {
  const used: number[] = [];
  const problems: string[] = [];
  for (const [at, file] of files.entries()) {
    const problem = problemOf(file);
    if (problem !== undefined) problems.push(problem);
    else used.push(at);
  }
  const tooMany = used.splice(MAX_FILES);
  const named = problems.slice(0, MAX_NAMED);
  const rest = problems.length - named.length;
  if (rest > 0) named.push(`${count(rest, "more file is", "more files are")} no .torrent`);
  if (tooMany.length > 0) {
    named.push(`${MAX_FILES} .torrents are taken at once: drop the other ${tooMany.length} again`);
  }
  return { used, problems: named };
}

function problemOf({ name, size, first }: DroppedFile): string | undefined {
  if (first === undefined) {
    return size === 0 && /\.torrent$/i.test(name)
      ? `“${name}” is empty`
      : `“${name}” is a folder or cannot be read: drop .torrent files, or share it from the store`;
  }
  if (size > MAX_TORRENT) return `“${name}” is too large for a .torrent`;
  if (first === DICTIONARY) return undefined;
  return /\.torrent$/i.test(name)
    ? `“${name}” is called .torrent but is none: its link may have led to a web page`
    : `“${name}” is no .torrent. To share a file, put it into the store and choose Share`;
}

/** Links in a text that was dropped or pasted; undefined where it has none. */
export function linksIn(text: string): string | undefined {
  const trimmed = text.trim();
  if (/magnet:\?/i.test(trimmed)) return trimmed.slice(trimmed.search(/magnet:\?/i));
  return /^([0-9a-f]{40}|[a-z2-7]{32})$/i.test(trimmed) ? trimmed : undefined;
}
