/**
 * The names that a torrent's files have on disk: `.part` while they grow, and `name (1).ext` where
 * somebody else's file has the name.
 *
 * @module
 */

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
    let name = `${path}.part`;
    let key = name.toLowerCase();
    if (taken.has(key)) {
      key = numbers.firstFree((number) => {
        name = `${path}.${number}.part`;
        return name.toLowerCase();
      }, (candidate) => taken.has(candidate));
    }
    taken.add(key);
    names.push(name);
  }
  return names;
}

/** The `n`-th name to try for a file: itself for 0, then `name (1).ext`, `name (2).ext`. */
export function alternativeName(path: string, n: number): string {
  if (n === 0) return path;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const folder = path.slice(0, path.length - name.length);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return `${folder}${stem} (${n})${dot > 0 ? name.slice(dot) : ""}`;
}
