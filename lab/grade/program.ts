/**
 * A student's program as a rubric describes it: how it is started and how its answers are found.
 *
 * @module
 */
import { type Form, FORMS } from "./commands.ts";
import type { Rubric } from "./rubric.ts";
import { ANNOUNCE, isTrackerUrl } from "./tracker_address.ts";

/** What is started, and how. */
export interface StudentProgram {
  /** The words of `-- CMD…`. */
  readonly command: readonly string[];
  /** The folder that it is started in; by default a fresh one for each start. */
  readonly folder?: string;
  /** Word → form; a word that is missing here cannot be asked for. */
  readonly forms: Readonly<Record<string, Form | undefined>>;
  /** What is looked for in its output in place of the usual: name → pattern whose group is the value. */
  readonly find: Readonly<Record<string, RegExp>>;
  /** Steps and probes → log lines that they require: each pattern has to match one. */
  readonly log: Readonly<Record<string, readonly RegExp[]>>;
  /** Word → lines typed at its start. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  /** The announce URL of a tracker, with `{port}` where the port goes. */
  readonly announce: string;
  /** It is a tracker that runs already at that URL: nothing is started. */
  readonly running: boolean;
  /** Whether it gets a terminal. */
  readonly terminal: boolean;
  /** Whether scripted peers call it, in place of being named to it by the tracker. */
  readonly called: boolean;
  /** ms that it may stay silent where something has to follow. */
  readonly patience: number;
}

/** ms where a rubric names none. */
const PATIENCE = 10_000;

/** A program with what a rubric says of it. */
export function programOf(
  command: readonly string[],
  rubric: Rubric = { name: "steps" },
  folder = rubric.folder,
): StudentProgram {
  const forms: Record<string, Form | undefined> = { ...FORMS };
  for (const [word, form] of Object.entries(rubric.commands ?? {})) forms[word] = form ?? undefined;
  const running = command.length === 1 && isTrackerUrl(command[0]!);
  return {
    command,
    announce: running ? command[0]! : rubric.announce ?? ANNOUNCE,
    running,
    ...(folder === undefined ? {} : { folder }),
    forms,
    find: rubric.find ?? {},
    log: rubric.log ?? {},
    lines: rubric.lines ?? {},
    terminal: rubric.terminal ?? false,
    called: rubric.called ?? false,
    patience: rubric.patience ?? PATIENCE,
  };
}
