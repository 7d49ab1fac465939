/**
 * Files by what people call them: a path, its end from a folder on, a folder, or a glob over either.
 * Capital letters do not matter.
 *
 * @module
 */

import type { Steps } from "../../protocol/steps.ts";

/** A component of a path: the file's place in the list, and the component's in the path. */
type Place = readonly [file: number, at: number];

/** The files of one torrent. A name costs the paths that have its rarest component, not all. */
export class NamedFiles {
  /** The components of each path. */
  readonly #paths: (readonly string[])[] = [];
  readonly #places = new Map<string, Place[]>();

  private constructor() {}

  static *steps(paths: Iterable<string>): Steps<NamedFiles> {
    const files = new NamedFiles();
    for (const path of paths) {
      files.#add(path.toLowerCase().split("/"));
      yield;
    }
    return files;
  }

  #add(parts: readonly string[]): void {
    const file = this.#paths.push(parts) - 1;
    for (const [at, part] of parts.entries()) {
      const places = this.#places.get(part);
      if (places === undefined) this.#places.set(part, [[file, at]]);
      else places.push([file, at]);
    }
  }

  /** Which of the paths a name or a glob means, as indexes, ascending. */
  *findSteps(pattern: string): Steps<number[]> {
    const wanted = pattern.toLowerCase().replace(/\/$/, "");
    return yield* isGlob(wanted) ? this.#fitting(wanted) : this.#called(wanted.split("/"));
  }

  *#fitting(glob: string): Steps<number[]> {
    const fitting: number[] = [];
    for (const [file, parts] of this.#paths.entries()) {
      if (parts.some((_, from) => fitsGlob(glob, parts.slice(from).join("/")))) fitting.push(file);
      yield;
    }
    return fitting;
  }

  /** Those that have these components one after the other. */
  *#called(wanted: readonly string[]): Steps<number[]> {
    let rarest: readonly Place[] | undefined;
    let offset = 0;
    for (const [at, part] of wanted.entries()) {
      const places = this.#places.get(part) ?? [];
      if (rarest !== undefined && places.length >= rarest.length) continue;
      rarest = places;
      offset = at;
    }
    const found = new Set<number>();
    for (const [file, at] of rarest ?? []) {
      const from = at - offset;
      if (wanted.every((part, i) => this.#paths[file]![from + i] === part)) found.add(file);
      yield;
    }
    return [...found];
  }
}

/** Whether a name is a pattern. */
export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

/**
 * `*` stays inside one folder, `**` does not. Only the last star of each kind is ever tried again,
 * so that no pattern takes more than (its length) x (the name's length) steps, twice: when a `*`
 * cannot grow over a slash, the `**` before it does.
 */
export function fitsGlob(pattern: string, name: string): boolean {
  let at = 0;
  let from = 0;
  let star: Retry | undefined;
  let globstar: Retry | undefined;
  while (from < name.length || at < pattern.length) {
    if (pattern.startsWith("**", at)) {
      globstar = { at: at += 2, from };
      star = undefined;
    } else if (pattern[at] === "*") {
      star = { at: ++at, from };
    } else if (
      from < name.length &&
      (pattern[at] === "?" ? name[from] !== "/" : pattern[at] === name[from])
    ) {
      at++;
      from++;
    } else if (star !== undefined && star.from < name.length && name[star.from] !== "/") {
      from = ++star.from;
      at = star.at;
    } else if (globstar !== undefined && globstar.from < name.length) {
      from = ++globstar.from;
      at = globstar.at;
      star = undefined;
    } else {
      return false;
    }
  }
  return true;
}

/** Where a star's text ends in the name, and what follows it in the pattern. */
interface Retry {
  at: number;
  from: number;
}
