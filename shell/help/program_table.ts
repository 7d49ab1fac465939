/**
 * Program table: the fields of a row.
 *
 * @module
 */
import type { FlagName, FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";

/** One word that a program takes. */
export interface Argument {
  readonly name: string;
  readonly many?: boolean;
  readonly optional?: boolean;
  /** `running`: torrents of a peer that runs on this machine. */
  readonly completes?: "file" | "torrent-file" | "running" | readonly string[];
  /** First word → what completes after it: of a program whose first argument is one of some words. */
  readonly after?: Readonly<Record<string, Completion>>;
}

/** What the shell completes; all that is named here together. */
export interface Completion {
  /** The names of the lab's built-in scenarios. */
  readonly scenarios?: true;
  readonly words?: readonly string[];
  readonly paths?: "file" | "folder";
}

/** What completions know of the lab. */
export interface LabVocabulary {
  /** Built-in scenario → its groups of members. */
  readonly scenarios: ReadonlyMap<string, readonly string[]>;
  /** What `--set` may change in any scenario, and of each group: with all values, where they are few words. */
  readonly own: readonly SettablePath[];
  readonly ofGroup: readonly SettablePath[];
}

export interface SettablePath {
  readonly path: string;
  readonly values: readonly string[];
}

/** One run of a program. */
export interface ProgramCall {
  /** The whole table, for those that describe it. */
  readonly programs: readonly Program[];
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly world: Environment;
  readonly screen: Screen;
}

/** One row of the table. */
export interface Program {
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly summary: string;
  /** What else there is to know, for its help. */
  readonly details?: string;
  readonly flags: readonly FlagName[];
  readonly examples: readonly string[];
  /** Answers verbs; where nobody looks, as records. Others print pairs there. */
  readonly shell?: boolean;
  /** Loads it: nobody waits for what is not used. */
  readonly load: () => Promise<{ run(call: ProgramCall): Promise<number> }>;
}
