/**
 * Verb of the shell: one row of the table, and its arguments.
 *
 * @module
 */
import type { Engine } from "../../peer/mod.ts";
import type { Tracker } from "../../tracker/mod.ts";
import type { Catalogues } from "../trackers/catalogues.ts";
import type { Address, FlagName, FlagValues } from "../flags/flags.ts";
import type { ExplainMode } from "../explain/explain_mode.ts";
import type { Word } from "../arguments/parse_line.ts";
import type { Prompts } from "../terminal/prompts.ts";
import type { Publisher } from "../trackers/publisher.ts";
import type { Progress, ProgressReport } from "../terminal/screen.ts";
import type { View } from "../view/view.ts";

/** The page of this program. */
export interface OwnPage {
  /**
   * Shows it in the person's browser; its address.
   *
   * @throws {CommandError} where there is no browser
   */
  open(): Promise<string>;
}

/** What the commands of a peer work on. */
export interface PeerSession {
  readonly role: "peer";
  readonly engine: Engine;
  readonly catalogues: Catalogues;
  readonly publisher: Publisher;
  readonly explaining: ExplainMode;
  readonly page: OwnPage;
  /** Whether somebody named the trackers; otherwise they are a guess. */
  readonly trackersGiven: boolean;
  /** Peers that every download dials. */
  readonly peers: readonly Address[];
  /** Info hashes of torrents whose verb waits for them, and then says that they are complete. */
  readonly awaited: Set<string>;
  /** The folder that relative paths start from, after the peer's own. */
  readonly cwd: string;
  /** The person's own folder, where it is known. */
  readonly home: string | undefined;
}

/** What the commands of a tracker work on. */
export interface TrackerSession {
  readonly role: "tracker";
  readonly tracker: Tracker;
  /** Whether every announce is told in words. */
  readonly explaining: { on: boolean };
  readonly page: OwnPage;
}

export type Session = PeerSession | TrackerSession;

/** One command as it was typed. */
export interface Call {
  /** The words behind the verb. */
  readonly args: readonly string[];
  /** The same as one name, with the spaces as typed. */
  readonly rest: string;
  /** The same words with what they were typed as. */
  readonly words: readonly Word[];
  readonly flags: FlagValues;
  /** Aborted when the person wants this command to end. */
  readonly signal: AbortSignal;
  /** Whether a command is to be finished when it returns: scripts; people get their prompt back. */
  readonly waits: boolean;
  /** Seconds after which waiting is given up. */
  readonly timeout: number | undefined;
  /** Asks yes or no; undefined where nobody is there to answer. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** Questions to be answered by arrow keys; undefined where nobody is there to answer. */
  readonly prompts: Prompts | undefined;
  /** Runs a line as if it had been typed, and shows it. */
  readonly run: (line: string) => Promise<void>;
  /** The keys that are pressed meanwhile; undefined where nobody is there to press one. */
  readonly keys: (() => AsyncIterable<string>) | undefined;
  readonly progress: (event: string, report: ProgressReport) => Progress;
  /** Empties the window, where somebody looks at one. */
  readonly clear: () => void;
  /** Ends the shell after this command. */
  readonly leave: () => void;
}

/** Names that Tab knows. */
export type Names =
  | "files"
  | "catalogue"
  | "torrents"
  | "peers"
  | "sent-away"
  | "explained"
  | "verbs";

/** One row of the table. A role without a function does not have the verb. */
export interface Verb {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What it takes, as help shows it: `<NAME>`. */
  readonly argument?: string;
  readonly summary: string;
  readonly flags?: readonly FlagName[];
  /** What Tab offers behind it. */
  readonly completes?: Names | { readonly words: readonly string[]; readonly names?: Names };
  readonly peer?: (session: PeerSession, call: Call) => View | Promise<View>;
  readonly tracker?: (session: TrackerSession, call: Call) => View | Promise<View>;
}
