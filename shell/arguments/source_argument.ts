/**
 * The files and folders that the words behind `send` mean.
 *
 * @module
 */
import { resolve } from "@std/path";
import { fitsGlob } from "../../peer/torrent_files.ts";
import { CommandError } from "../base/errors.ts";
import { joined, type Word } from "./parse_line.ts";

/**
 * The paths that are meant: all words as one name with spaces in it, or as few names as there are
 * files; with the quotes as typed or without them. What is no name is taken for a pattern, unless it
 * was quoted: `*`, `?`, and `**` over folders.
 *
 * @param folders where relative paths may start from, in order
 * @throws {CommandError} naming the first word that means nothing
 */
export async function findSources(
  words: readonly Word[],
  folders: readonly string[],
): Promise<string[]> {
  const paths: string[] = [];
  for (let start = 0; start < words.length;) {
    let found: string[] = [];
    let end = words.length;
    for (; end > start; end--) {
      found = await named(words.slice(start, end), folders);
      if (found.length > 0) break;
    }
    if (found.length === 0) {
      const name = words.length === 1 ? words[0]!.text : words[start]!.text;
      throw new CommandError("failed", `No such file or folder: ${name} (looked in ${folders[0]})`);
    }
    paths.push(...found);
    start = end;
  }
  return [...new Set(paths)];
}

/** What some words mean together; nothing where they are no name. */
async function named(words: readonly Word[], folders: readonly string[]): Promise<string[]> {
  const spellings = new Set([
    joined(words, ({ text }) => text),
    joined(words, ({ typed }) => typed),
    words.map(({ text }) => text).join(" "),
  ]);
  for (const name of spellings) {
    const path = await locate(name, folders);
    if (path !== undefined) return [path];
  }
  const isPattern = words.length === 1 && !words[0]!.quoted && /[*?]/.test(words[0]!.text);
  return isPattern ? await expand(words[0]!.text, folders) : [];
}

/** What fits a pattern in the first folder where anything does, in order of names. */
async function expand(pattern: string, folders: readonly string[]): Promise<string[]> {
  const parts = pattern.split("/");
  const fixed = parts.findIndex((part) => /[*?]/.test(part));
  const wanted = parts.slice(fixed).join("/");
  for (const folder of folders) {
    const base = resolve(folder, parts.slice(0, fixed).join("/") || (fixed > 0 ? "/" : "."));
    const found = await under(base, "", wanted);
    if (found.length > 0) return found.sort().map((name) => resolve(base, name));
  }
  return [];
}

/** Names below a folder that fit: as deep as the pattern has slashes, any depth for `**`. */
async function under(base: string, above: string, pattern: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(resolve(base, above))) {
      const name = above + entry.name;
      // As in a shell: a dot at the start has to be typed. What is unfinished is not shared.
      const isHidden = entry.name.startsWith(".") && !/(^|\/)\./.test(pattern);
      if (isHidden || entry.name.endsWith(".part")) continue;
      const fits = fitsGlob(pattern, name);
      if (fits) found.push(name);
      const depth = name.split("/").length;
      const isDeeper = pattern.includes("**") || depth < pattern.split("/").length;
      if (entry.isDirectory && !fits && isDeeper) {
        found.push(...await under(base, `${name}/`, pattern));
      }
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  return found;
}

async function locate(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = resolve(folder, name);
    try {
      await Deno.stat(path);
      return path;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return undefined;
}

/** Whether there is nothing of that name. Many names in a row are too long for one. */
function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    (error instanceof Error && "code" in error && error.code === "ENAMETOOLONG");
}
