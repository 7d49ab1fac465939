/**
 * Files with another name on disk than the torrent gives them, in words.
 *
 * @module
 */
import type { RenamedFile } from "../peer/mod.ts";
import { formatCount } from "./format.ts";

/** Files that are named. */
const NAMED = 3;
/** Ends the name of a file whose own name something else has. */
const NUMBERED = / \(\d+\)(\.[^./]*)?$/;

/** One sentence without its end. `files`: the first of `count`, at least one. */
export function renamedInWords(count: number, files: readonly RenamedFile[]): string {
  const named = files.slice(0, NAMED).map(({ path, disk }) => `${path} is ${disk}`);
  const isNumbered = files.every(({ path, disk }) => NUMBERED.test(disk) && !NUMBERED.test(path));
  const why = isNumbered ? ": what had its name stays as it is" : "";
  if (count === 1) return `${named[0]} here${why}`;
  const more = count - named.length;
  return `${formatCount(count, "file")} have other names here: ${named.join("; ")}` +
    (more > 0 ? `; and ${more} more` : "");
}
