/**
 * Prediction: a guess is asked for before the run, and stands beside what came out.
 *
 * @module
 */
import { keyOf } from "../../lab/checks/asks.ts";
import { amount } from "../../lab/checks/wording.ts";
import type { Experiment } from "../../lab/experiment/experiment.ts";
import { median } from "../../lab/measures/statistics.ts";
import { MEASURES } from "../../lab/scenario/measure_names.ts";
import type { Scenario } from "../../lab/scenario/scenario.ts";
import type { Environment } from "../base/environment.ts";
import type { Screen } from "../terminal/screen.ts";

/** Longest guess that is kept. */
const MOST_CHARACTERS = 200;

/** Asks for a guess; undefined where there is nothing to guess, or nobody answers. */
export async function askGuess(
  { predict }: Scenario,
  answers: AsyncIterator<string>,
  screen: Screen,
): Promise<string | undefined> {
  if (predict === undefined) {
    screen.note("This scenario asks for no guess");
    return undefined;
  }
  screen.say(`  ${predict.ask}`);
  screen.say("  Your guess, then Enter:");
  const { value, done } = await answers.next();
  const guess = done ? "" : String(value).trim().slice(0, MOST_CHARACTERS);
  return guess === "" ? undefined : guess;
}

/** The lines that answers are read from. */
export function answersFrom({ stdin }: Environment): AsyncIterator<string> {
  return stdin.lines()[Symbol.asyncIterator]();
}

/** What came out of that which was guessed. */
export function cameOut({ scenario, results }: Experiment): string {
  const { measure, of, variant } = scenario.predict!;
  const key = keyOf({ measure, ...(of === undefined ? {} : { of }) });
  const where = variant ?? [...scenario.variants.keys()][0]!;
  const values = results.filter((one) => one.variant === where)
    .flatMap(({ values }) => values.get(key) ?? []);
  const value = median(values);
  return value === undefined ? "nothing that was measured" : amount(value, MEASURES[measure].unit);
}
