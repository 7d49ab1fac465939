/**
 * Names from a torrent made safe to write: as far as a system asks (`systemPaths`), or by one set of
 * rules that fits them all (`safePaths`). None of them lies outside of its folder.
 *
 * @module
 */
import { NumberedNames } from "./numbered_names.ts";
import { atOnce, type Steps } from "./steps.ts";

/**
 * Longest component in bytes of UTF-8. File systems allow 255; the rest is for `.part` and for the
 * number of a collision.
 */
const MAX_BYTES = 240;
/** Most characters of a path's folders together: systems end at 4096 bytes for everything. */
const MAX_FOLDERS = 1000;
/** Most folders inside each other. */
const MAX_DEPTH = 100;
/** An extension longer than this is no extension but part of the name. */
const MAX_EXTENSION_BYTES = 32;

/** Separators and what Windows forbids, control characters, line breaks. */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\u2028\u2029]/gu;
/** Invisible marks that turn the reading direction or hide: `exe.pdf` that is `fdp.exe`. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** Devices of Windows, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$/i;
/** Our own folder in a store (DESIGN.md): no torrent may write there. */
const OWN_FOLDER = /^\.vtorrent$/i;

/** Nothing in it needs a look, and no character takes more than one byte: most names there are. */
const PLAIN = /^[A-Za-z0-9_-](?:[A-Za-z0-9_ .()+-]{0,198}[A-Za-z0-9_()+-])?$/;
const ASCII = /^\p{ASCII}*$/u;

const encoder = new TextEncoder();

/**
 * One component of a path, safe on every system; never empty, `.` or `..`. Forbidden characters
 * become `_`, Windows' device names get a `_`, dots and spaces at the end go, and what is longer
 * than 240 bytes is cut before its extension.
 */
export function safeComponent(name: string): string {
  if (PLAIN.test(name) && (name.length === 1 || !DEVICE.test(name.split(".", 1)[0]!.trimEnd()))) {
    return name;
  }
  let safe = name.toWellFormed().replace(INVISIBLE, "").replace(FORBIDDEN, "_");
  safe = trimEnd(safe);
  const stem = safe.split(".", 1)[0]!;
  if (DEVICE.test(stem.trimEnd())) safe = stem.trimEnd() + "_" + safe.slice(stem.length);
  if (OWN_FOLDER.test(safe)) safe += "_";
  return shorten(safe, "", MAX_BYTES) || "_";
}

/** Windows drops dots and spaces at the end, so that two names would be one file. */
function trimEnd(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === "." || name[end - 1] === " ")) end--;
  return name.slice(0, end);
}

/** `name` with `insert` before its extension, cut to so many bytes. */
export function shorten(name: string, insert: string, maxBytes: number): string {
  const { stem, extension } = split(name);
  const end = insert + extension;
  const room = maxBytes - byteLength(end);
  if (byteLength(stem) <= room) return stem + end;
  // As many whole characters as there is room for.
  const { read } = encoder.encodeInto(stem, new Uint8Array(Math.max(0, room)));
  const cut = stem.slice(0, read);
  return end === "" ? trimEnd(cut) || "_" : cut + end;
}

/** A name's last extension with its dot, if it is one. A leading dot hides a file, it ends no stem. */
function split(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || byteLength(name.slice(dot)) > MAX_EXTENSION_BYTES) {
    return { stem: name, extension: "" };
  }
  return { stem: name.slice(0, dot), extension: name.slice(dot) };
}

function byteLength(text: string): number {
  return ASCII.test(text) ? text.length : encoder.encode(text).length;
}

/** What a file system that ignores case and composition takes for the same name. */
function fold(path: string): string {
  return ASCII.test(path) ? path.toLowerCase() : path.normalize("NFC").toUpperCase().toLowerCase();
}

/** Whose rules names have to follow. */
export type NamingSystem = "linux" | "darwin" | "windows";

/** The rules of an operating system by its name, as runtimes give it. */
export function namingSystem(os: string): NamingSystem {
  return os === "windows" || os === "darwin" ? os : "linux";
}

interface Rules {
  component(name: string): string;
  /** Names that are the same for the file system fold to the same. */
  fold(name: string): string;
  maxBytes: number;
}

const STRICT: Rules = { component: safeComponent, fold, maxBytes: MAX_BYTES };

/** Bytes that a name may have on every system of today. */
export const SYSTEM_MAX_BYTES = 255;
/** Nothing in it needs a look on a system that forbids separators only. */
const SEPARATORS = /[/\0]/g;

const RULES: Record<NamingSystem, Rules> = {
  linux: { component: unixComponent, fold: (name) => name, maxBytes: SYSTEM_MAX_BYTES },
  darwin: { component: unixComponent, fold, maxBytes: SYSTEM_MAX_BYTES },
  windows: STRICT,
};

/** One component, changed only where a Unix cannot have it or it has a meaning of its own. */
function unixComponent(name: string): string {
  let safe = name.toWellFormed().replace(SEPARATORS, "_");
  if (safe === "" || safe === "." || safe === "..") safe = "_";
  if (OWN_FOLDER.test(safe)) safe += "_";
  return shorten(safe, "", SYSTEM_MAX_BYTES);
}

/**
 * One component of a path, changed only as far as the system asks; never empty, `.` or `..`.
 */
export function systemComponent(name: string, system: NamingSystem): string {
  return RULES[system].component(name);
}

/**
 * As `safePaths`, but names are changed only as far as the system asks: a name that it can have stays
 * as it is written.
 */
export function systemPaths(
  paths: readonly (readonly string[])[],
  system: NamingSystem,
): string[] {
  return atOnce(distinctPaths(paths, RULES[system]));
}

/**
 * Safe, distinct paths, joined by `/`, in the order given. Empty and `.` components are dropped, and
 * so are folders beyond 1000 characters or 100 deep. Folders that differ in case only become one,
 * spelled as first seen. A file that would fall on another file or on a folder gets `.1`, `.2`, …
 * before its extension. Time and memory grow with the components, not with the sums of their prefixes.
 */
export function safePaths(paths: readonly (readonly string[])[]): string[] {
  return atOnce(distinctPaths(paths, STRICT));
}

/** The same with pauses. */
export function safePathSteps(paths: readonly (readonly string[])[]): Steps<string[]> {
  return distinctPaths(paths, STRICT);
}

/** `systemPaths` with pauses. */
export function systemPathSteps(
  paths: readonly (readonly string[])[],
  system: NamingSystem,
): Steps<string[]> {
  return distinctPaths(paths, RULES[system]);
}

/** Paths between two pauses. */
const PATHS_PER_STEP = 16;

function* distinctPaths(paths: readonly (readonly string[])[], rules: Rules): Steps<string[]> {
  // All folders first, so that the outcome for a folder does not hang on the order of the files.
  const folders = new Folders(rules);
  const cleaned: { folder: number; file: string }[] = [];
  for (const path of paths) {
    if (cleaned.length % PATHS_PER_STEP === 0) yield;
    const safe = path.filter((part) => part !== "" && part !== ".").map(rules.component);
    const file = safe.pop() ?? "_";
    cleaned.push({ folder: folders.add(safe), file });
  }
  const taken = new Set<string>();
  const numbers = new NumberedNames();
  const isTaken = (key: string) => taken.has(key) || folders.has(key);
  const made: string[] = [];
  for (const { folder, file } of cleaned) {
    if (made.length % PATHS_PER_STEP === 0) yield;
    let key = folders.keyOf(folder, file);
    let name = file;
    if (isTaken(key)) {
      key = numbers.firstFree((number) => {
        name = shorten(file, `.${number}`, rules.maxBytes);
        return folders.keyOf(folder, name);
      }, isTaken);
    }
    taken.add(key);
    made.push(folders.spelled(folder) + name);
  }
  return made;
}

/** Folders by number: a path that is deep costs its components, not all of its prefixes. */
class Folders {
  readonly #numbers = new Map<string, number>();
  readonly #spelled = [""];
  readonly #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Names a file or folder in the folder of that number, for `has`. */
  keyOf(folder: number, name: string): string {
    return `${folder}/${this.#rules.fold(name)}`;
  }

  /** The number of the folder of these names below the top, 0. */
  add(names: readonly string[]): number {
    let folder = 0;
    for (const name of names.slice(0, MAX_DEPTH)) {
      const key = this.keyOf(folder, name);
      let next = this.#numbers.get(key);
      if (next === undefined) {
        const spelled = `${this.#spelled[folder]}${name}/`;
        if (spelled.length > MAX_FOLDERS) break;
        next = this.#spelled.push(spelled) - 1;
        this.#numbers.set(key, next);
      }
      folder = next;
    }
    return folder;
  }

  has(key: string): boolean {
    return this.#numbers.has(key);
  }

  /** Its path with a slash at the end; empty for the top. */
  spelled(folder: number): string {
    return this.#spelled[folder]!;
  }
}
