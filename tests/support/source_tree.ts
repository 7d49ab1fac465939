/**
 * The source tree as files, rooms and the imports among them: read once, for the architecture test
 * and for `scripts/rooms.ts`.
 *
 * @module
 */
import { dirname, join, normalize, relative } from "@std/path";
import { fileURLToPath } from "node:url";
import { importsOf, scanSource, valueImportsOf } from "./source_scan.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The top-level folders of the program itself. */
export const SOURCE_FOLDERS = ["protocol", "loop", "store", "peer", "tracker", "lab", "shell"];

export interface SourceFile {
  /** Relative to the project, with `/`. */
  path: string;
  text: string;
  /** The text without comments and strings. */
  code: string;
  /** Files of the project, as paths like `path`; type imports included. */
  imports: string[];
  /** Those of `imports` that are more than types. */
  valueImports: string[];
  /** Specifiers of everything else. */
  packages: string[];
}

function listFolder(folder: string): string[] {
  const paths: string[] = [];
  for (const entry of Deno.readDirSync(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) paths.push(...listFolder(path));
    else if (/\.tsx?$/.test(entry.name)) paths.push(path);
  }
  return paths.sort();
}

function readSource(path: string): SourceFile {
  const text = Deno.readTextFileSync(join(ROOT, path));
  const scanned = scanSource(text);
  const specifiers = importsOf(scanned);
  const inProject = (all: string[]): string[] =>
    all.filter((s) => s.startsWith("."))
      .map((s) => relative(".", normalize(join(dirname(path), s))).replaceAll("\\", "/"));
  return {
    path,
    text,
    code: scanned.code,
    imports: inProject(specifiers),
    valueImports: inProject(valueImportsOf(scanned)),
    packages: specifiers.filter((s) => !s.startsWith(".")),
  };
}

/** Reads `main.ts` and every source file of the program. */
export function readSourceTree(): SourceFile[] {
  return ["main.ts", ...SOURCE_FOLDERS.flatMap(listFolder)].map(readSource);
}

/**
 * Names the room of a file: its folder. The loose files of `peer/`, `tracker/` and `shell/` are
 * rooms of their own kind: a face (`mod.ts`, `lab.ts`), and the vocabulary or wiring at the root.
 */
export function roomOf(path: string): string {
  if (path === "main.ts") return "main.ts";
  if (["peer/mod.ts", "peer/torrent_files.ts", "peer/lab.ts", "tracker/mod.ts"].includes(path)) {
    return path;
  }
  return /^lab\/[^/]+/.exec(path)?.[0] ?? dirname(path);
}

/** One room importing another, with the imports that make it so. */
export interface Arrow {
  from: string;
  to: string;
  /** `importer -> imported`. */
  because: string[];
}

/** Lists every arrow among rooms; imports within a room are none. */
export function arrowsOf(files: readonly SourceFile[]): Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const file of files) {
    for (const target of file.imports) {
      const from = roomOf(file.path);
      const to = roomOf(target);
      if (from === to) continue;
      const arrow = arrows.get(`${from} ${to}`) ?? { from, to, because: [] };
      arrow.because.push(`${file.path} -> ${target}`);
      arrows.set(`${from} ${to}`, arrow);
    }
  }
  return [...arrows.values()];
}

/** Finds the groups of rooms that can reach each other: each group is a circle to be cut. */
export function circlesOf(arrows: readonly Arrow[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    next.set(from, [...next.get(from) ?? [], to]);
  }
  const reach = new Map<string, Set<string>>();
  const reachOf = (room: string): Set<string> => {
    const known = reach.get(room);
    if (known) return known;
    const seen = new Set<string>();
    const waiting = [...next.get(room) ?? []];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      waiting.push(...next.get(at) ?? []);
    }
    reach.set(room, seen);
    return seen;
  };
  const circles: string[][] = [];
  const done = new Set<string>();
  for (const room of next.keys()) {
    if (done.has(room) || !reachOf(room).has(room)) continue;
    const circle = [...reachOf(room)].filter((other) => reachOf(other).has(room)).sort();
    circle.forEach((other) => done.add(other));
    circles.push(circle);
  }
  return circles;
}
