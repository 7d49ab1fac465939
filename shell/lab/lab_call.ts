/**
 * Lab call: the request to `vtorrent lab run`, read from the command line and the scenario's file.
 *
 * @module
 */
import { resolve } from "@std/path";
import { wholeRange } from "../../lab/jsonc/notations.ts";
import { BUILT_IN } from "../../lab/scenario/built_in/mod.ts";
import { readScenario } from "../../lab/scenario/read_scenario.ts";
import type { Scenario, Setup } from "../../lab/scenario/scenario.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Environment } from "../base/environment.ts";
import { UsageError } from "../base/errors.ts";
import { readSmallFile } from "../base/small_file.ts";
import type { FlagValues } from "../flags/flags.ts";

/** Most seeds of a run. */
const MOST_SEEDS = 1000;

/** One scenario to run. */
export interface LabCall {
  readonly scenario: Scenario;
  readonly seeds: readonly number[];
  /** undefined: all */
  readonly variants?: readonly string[];
}

/** The scenarios that an argument names. @throws {UsageError} */
export async function readLabCalls(
  named: string,
  world: Environment,
  flags: FlagValues,
): Promise<LabCall[]> {
  if (named === "all") return [...BUILT_IN].map(([name, text]) => labCall(text, name, flags));
  const text = BUILT_IN.get(named) ?? await readFile(named, world);
  return [labCall(text, named, flags)];
}

/** A scenario as it stands, for `list` and `show`. */
export function builtIn(name: string): Scenario {
  return read(BUILT_IN.get(name)!, name, []);
}

function labCall(text: string, path: string, flags: FlagValues): LabCall {
  const world = flags.real ? ["world=real"] : flags.virtual ? ["world=virtual"] : [];
  if (flags.real && flags.virtual) throw new UsageError("Either --real or --virtual, not both");
  const settings = [...flags.set ?? [], ...world];
  let scenario = read(text, path, settings, flags.with);
  if (flags.peers !== undefined) {
    const group = leechersOf([...scenario.variants.values()][0]!);
    const count = `peers.${group}.count=${flags.peers}`;
    scenario = read(text, path, [...settings, count], flags.with);
    const isHeeded = [...scenario.variants.values()].some(({ groups }) =>
      groups.some(({ as, count }) => as === group && count === flags.peers)
    );
    if (!isHeeded) {
      throw new UsageError(
        `Each variant of ${scenario.name} says its own number: leave out --peers`,
      );
    }
  }
  const variants = onlyOf(scenario, flags);
  const isReal = [...scenario.variants].some(([name, { world }]) =>
    world === "real" && variants?.includes(name) !== false
  );
  const flag = flags.processes ? "--processes" : flags.netns ? "--netns" : undefined;
  if (flag !== undefined && !isReal) {
    throw new UsageError(
      `${flag} is about real peers, and ${scenario.name} is played in virtual time: add --real`,
    );
  }
  return {
    scenario,
    seeds: seedsOf(scenario, flags),
    ...(variants === undefined ? {} : { variants }),
  };
}

/** The group whose number `--peers` says: the first that lacks something. */
function leechersOf({ groups }: Setup): string {
  return (groups.find(({ have, lacks }) => have < 1 || lacks.length > 0) ?? groups[0]!).as;
}

function read(
  text: string,
  path: string,
  settings: readonly string[],
  command?: string,
): Scenario {
  try {
    return readScenario(text, path, {
      ...{ didYouMean, settings },
      ...(command === undefined ? {} : { command: wordsOf(command) }),
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "JsoncError") throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

async function readFile(named: string, world: Environment): Promise<string> {
  try {
    return await readSmallFile(resolve(world.cwd, named), named, "scenario");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (/[./]/.test(named)) throw new UsageError(`There is no file ${named}`, { cause: error });
    throw new UsageError(
      `There is no scenario ${named}.${didYouMean(named, [...BUILT_IN.keys(), "all"])} ` +
        "(vtorrent lab list names those that there are)",
      { cause: error },
    );
  }
}

function seedsOf(scenario: Scenario, flags: FlagValues): number[] {
  if (flags.seed !== undefined) {
    if (flags.seeds !== undefined) throw new UsageError("Either --seed or --seeds, not both");
    return [flags.seed];
  }
  const range = flags.seeds === undefined ? scenario.seeds : wholeRange(flags.seeds);
  if (range === undefined) {
    throw new UsageError(`--seeds is "${flags.seeds}": say a range of numbers, e.g. 1-20`);
  }
  const [first, last] = range;
  if (last - first >= MOST_SEEDS) throw new UsageError(`At most ${MOST_SEEDS} seeds`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The variants of `--only`, which may have commas in their names. */
function onlyOf({ variants }: Scenario, { only }: FlagValues): string[] | undefined {
  if (only === undefined) return undefined;
  const names = [...variants.keys()];
  for (const name of only) {
    if (!names.includes(name)) {
      throw new UsageError(
        names.length === 1 && names[0] === ""
          ? "This scenario has no variants: leave out --only"
          : `There is no variant "${name}".${didYouMean(name, names)}`,
      );
    }
  }
  return names.filter((name) => only.includes(name));
}

/** The words of a command as a shell would part them: spaces, and quotes around words with spaces. */
export function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare!);
  if (words.length === 0) throw new UsageError("--with needs a command");
  return words;
}
