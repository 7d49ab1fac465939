/**
 * `vtorrent lab list` and `show`: the scenarios that come with the program, and the names of measures
 * and figures for one's own.
 *
 * @module
 */
import { BUILT_IN, LONG } from "../../lab/scenario/built_in/mod.ts";
import { FIGURES, type Measure, MEASURES, measureWords } from "../../lab/scenario/measure_names.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import { UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import type { Screen } from "../terminal/screen.ts";
import { builtIn, noSuchScenario } from "./lab_call.ts";

/** Lists them; the exit status. */
export function listScenarios(screen: Screen): number {
  const width = Math.max(...[...BUILT_IN.keys()].map(({ length }) => length));
  for (const name of BUILT_IN.keys()) {
    const scenario = builtIn(name);
    const worlds = new Set([...scenario.variants.values()].map(({ world }) => world));
    const world = worlds.size > 1 ? "both" : [...worlds][0]!;
    screen.event({
      event: "scenario",
      ...{ name, world, question: scenario.question, hypothesis: scenario.hypothesis },
      ...{ variants: [...scenario.variants.keys()] },
    }, undefined);
    screen.say(`${name.padEnd(width)} ${world.padEnd(9)} ${scenario.question}`);
  }
  screen.say("");
  screen.say(
    "vtorrent lab run NAME tries one, lab run all every one but " +
      `${[...LONG].join(", ")}, which takes minutes.`,
  );
  screen.say("vtorrent lab show NAME > mine.jsonc begins another.");
  screen.say("vtorrent lab list measures, or figures, names what it may measure and draw.");
  return ExitStatus.done;
}

/** What `lab list` names beside scenarios: words of a scenario's file. */
const LISTS: Readonly<Record<string, (screen: Screen) => void>> = {
  measures: (screen) => {
    for (const [name, measure] of Object.entries<Measure>(MEASURES)) {
      const { unit, says, worlds } = measure;
      screen.event({ event: "measure", ...{ name, unit, says, worlds } }, undefined);
      screen.say(`${name}: ${measureWords(measure)}`);
    }
  },
  figures: (screen) => {
    for (const [name, says] of Object.entries(FIGURES)) {
      screen.event({ event: "figure", ...{ name, says } }, undefined);
      screen.say(`${name}: ${says}`);
    }
  },
};

/** Lists what is called so; the exit status. @throws {UsageError} */
export function listNamed(what: string, screen: Screen): number {
  const list = Object.hasOwn(LISTS, what) ? LISTS[what] : undefined;
  if (list === undefined) {
    const words = Object.keys(LISTS);
    throw new UsageError(
      `lab list names scenarios, or takes ${words.join(" or ")}, not "${what}".` +
        didYouMean(what, words),
    );
  }
  list(screen);
  return ExitStatus.done;
}

/** Prints the file of one. @throws {UsageError} */
export function showScenario(name: string | undefined, screen: Screen): number {
  const text = BUILT_IN.get(name ?? "");
  if (text === undefined) {
    throw new UsageError(
      name === undefined
        ? "lab show needs a name: vtorrent lab list names those that there are"
        : noSuchScenario(name, BUILT_IN.keys()),
    );
  }
  screen.event({ event: "scenario-file", ...{ name, text } }, undefined);
  screen.text(text);
  return ExitStatus.done;
}
