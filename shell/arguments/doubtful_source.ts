/**
 * What is hardly meant to be shared: folders of the system, a whole home, thousands of files.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { CommandError } from "../base/errors.ts";

/** More files than this are asked about. */
const MANY_FILES = 1000;

/** Folders that hold those of others: what lies in them may well be meant. */
const AROUND =
  /^(\/|[A-Z]:[\\/]|\/(home|root|Users|Volumes|var|run|opt|srv|mnt|media|tmp|Applications))$/;

/** Folders that are the system's, with everything in them. */
const SYSTEM =
  /^(\/(bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|sbin|sys|usr|System|Library|private\/etc)|[A-Z]:\\(Windows|Program Files|ProgramData))([\\/]|$)/i;

/**
 * Why a path is hardly meant to be shared, as words behind its name; undefined where it may well be.
 *
 * @param home the person's own folder, where it is known
 */
export async function doubtAbout(path: string, home?: string): Promise<string | undefined> {
  // What cannot be read is told by whoever shares it.
  const real = await Deno.realPath(path).catch(() => undefined);
  if (real === undefined || !(await Deno.stat(real)).isDirectory) return undefined;
  if (AROUND.test(real) || SYSTEM.test(real)) return "is a folder of this system";
  const own = home && await Deno.realPath(home).catch(() => home);
  if (real === own) return "is your home folder";
  if (dirname(real) === own && basename(real).startsWith(".")) {
    return "is a hidden folder of your home";
  }
  return await hasMany(real) ? "has more than 1,000 files" : undefined;
}

/** What is done with a doubtful source, and who may be asked. */
export interface Doubt {
  /** The person's own folder, where it is known. */
  readonly home: string | undefined;
  /** Whether the answer was given before. */
  readonly yes: boolean | undefined;
  /** Asks yes or no; undefined where nobody is there to answer. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** Behind the doubt: `Share all that is in it?` */
  readonly question: string;
  /** What does it unasked: `send -y shares it all the same`. */
  readonly unasked: string;
}

/**
 * Whether a path is meant: asks about one that hardly is.
 *
 * @throws {CommandError} where nobody can be asked
 */
export async function isMeant(path: string, doubt: Doubt): Promise<boolean> {
  if (doubt.yes) return true;
  const why = await doubtAbout(path, doubt.home);
  if (why === undefined) return true;
  if (doubt.ask !== undefined) return await doubt.ask(`${path} ${why}. ${doubt.question}`);
  throw new CommandError("failed", `${path} ${why}: ${doubt.unasked}`);
}

/** Counts no further than it has to; hidden files are not shared. */
async function hasMany(folder: string): Promise<boolean> {
  const folders = [folder];
  let files = 0;
  for (let next; (next = folders.pop()) !== undefined;) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(next)) {
        if (name.startsWith(".")) continue;
        if (isDirectory) folders.push(join(next, name));
        else if (++files > MANY_FILES) return true;
      }
    } catch {
      // Whoever shares it says what cannot be read.
    }
  }
  return false;
}
