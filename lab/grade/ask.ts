/**
 * One question to a student's program: a command, and the answer that has to be printed.
 *
 * @module
 */
import { isAnswered, printed, seenInstead, type Wanted } from "./answers.ts";
import type { Values } from "./commands.ts";
import type { ProgramRun } from "../programs/program_run.ts";
import type { Trial } from "./trial.ts";

/** ms that a program has to end after its answer, and between two looks where that is over. */
const END_GRACE = 2000;
const LOOK_INTERVAL = 100;

/** What a question is about. */
export interface Question {
  readonly word: string;
  readonly values: Values;
  readonly wanted: readonly Wanted[];
  /** Why the answer has to be this, a sentence with the BEP. */
  readonly why: string;
}

/** Asks, and fails the probe where the answer does not come. */
export async function ask(trial: Trial, question: Question): Promise<ProgramRun> {
  const { word, values, wanted, why } = question;
  const { find } = trial.program;
  const run = await trial.start(word, values);
  const missing = () => {
    const text = run.stdout.text();
    return wanted.find((one) => !isAnswered(text, one, find[one.name]));
  };
  await trial.until(() => missing() === undefined ? true : undefined, run);
  const left = missing();
  if (left !== undefined) await run.ended(200);
  const still = missing();
  if (still !== undefined) {
    trial.judgeFaults();
    trial.fail({
      expected: `${still.label}: ${still.value}`,
      seen: seenInstead(run.stdout.text(), still, find[still.name]) + howItEnded(run),
      why,
    });
  }
  await expectEnd(trial, run);
  return run;
}

/** Runs a command and gives what it printed, when it ended or patience did. */
export async function listen(trial: Trial, word: string, values: Values): Promise<ProgramRun> {
  const run = await trial.start(word, values);
  await trial.until(() => run.end, run);
  await run.ended(0);
  return run;
}

/** A program that goes on after its answer is not wrong, and ended from here. */
export async function expectEnd(trial: Trial, run: ProgramRun): Promise<void> {
  const limit = trial.fairTime + END_GRACE;
  let end = await run.ended(END_GRACE);
  while (end === undefined && trial.fairTime < limit) end = await run.ended(LOOK_INTERVAL);
  if (end === undefined) {
    trial.remark(
      `"${run.command.slice(trial.program.command.length, -1)[0] ?? ""}" does not end ` +
        "after its answer",
    );
  }
  await run.stop();
}

/** `, and it ended with status 1` */
export function howItEnded(run: ProgramRun): string {
  if (run.problem !== undefined) return `. ${run.problem}`;
  const { end } = run;
  if (end === undefined) return ", and it still runs";
  if (end.signal !== undefined) return `, and ${end.signal} ended it`;
  return `, and it ended with status ${end.code}`;
}

export { printed };
