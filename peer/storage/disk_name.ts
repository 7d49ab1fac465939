/**
 * The names that a torrent's files have on disk: `.part` while they grow, and `name (1).ext` where
 * somebody else's file has the name.
 *
 * @module
 */

import { shorten, SYSTEM_MAX_BYTES } from "../../protocol/file_name.ts";
import { NumberedNames } from "../../protocol/numbered_names.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";

/**
 * The names under which unfinished files lie, as `paths`: `<path>.part`, or `<path>.1.part` and so
 * on where the torrent itself has a file of that name.
 */
export function partNames(paths: readonly string[]): string[] {
  return atOnce(partNameSteps(paths));
}

/** Names between two pauses. */
const NAMES_PER_STEP = 64;

/** The same with pauses. */
export function* partNameSteps(paths: readonly string[]): Steps<string[]> {
  const taken = new Set<string>();
  for (const [index, path] of paths.entries()) {
    if (index % NAMES_PER_STEP === 0) yield;
    taken.add(path.toLowerCase());
  }
  const numbers = new NumberedNames();
  const names: string[] = [];
  for (const path of paths) {
    if (names.length % NAMES_PER_STEP === 0) yield;
    let name = partName(path);
    let key = name.toLowerCase();
    if (taken.has(key)) {
      key = numbers.firstFree((number) => {
        name = partName(path, `.${number}`);
        return name.toLowerCase();
      }, (candidate) => taken.has(candidate));
    }
    taken.add(key);
    names.push(name);
  }
  return names;
}

/** The name under which a file lies while it is unfinished, cut where the system takes no longer one. */
export function partName(path: string, number = ""): string {
  const { folder, name } = split(path);
  const end = `${number}.part`;
  const room = SYSTEM_MAX_BYTES - end.length;
  return folder + (byteLength(name) > room ? shorten(name, "", room) : name) + end;
}

/** The `n`-th name to try for a file: itself for 0, then `name (1).ext`, `name (2).ext`. */
export function alternativeName(path: string, n: number): string {
  if (n === 0) return path;
  const { folder, name } = split(path);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const numbered = `${stem} (${n})${dot > 0 ? name.slice(dot) : ""}`;
  if (byteLength(numbered) <= SYSTEM_MAX_BYTES) return folder + numbered;
  return folder + shorten(name, ` (${n})`, SYSTEM_MAX_BYTES);
}

function split(path: string): { folder: string; name: string } {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { folder: path.slice(0, path.length - name.length), name };
}

function byteLength(text: string): number {
  // No character of UTF-16 takes more than three bytes.
  return text.length * 3 <= SYSTEM_MAX_BYTES ? text.length : new TextEncoder().encode(text).length;
}
