/**
 * Lab call: the request to `vtorrent lab run`, read from the command line and the scenario's file.
 *
 * @module
 */
import { resolve } from "@std/path";
import { wholeRange } from "../../lab/jsonc/notations.ts";
import { BUILT_IN, LONG } from "../../lab/scenario/built_in/mod.ts";
import { whyNotReal } from "../../lab/real/not_real.ts";
import { makePlan } from "../../lab/scenario/make_plan.ts";
import { type ReadOptions, readScenario } from "../../lab/scenario/read_scenario.ts";
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
  /** Variants that real programs cannot play, each with the reason. */
  readonly leftOut: readonly (readonly [variant: string, why: string])[];
}

/** The scenarios that an argument names. @throws {UsageError} */
export async function readLabCalls(
  named: string,
  world: Environment,
  flags: FlagValues,
): Promise<LabCall[]> {
  if (named === "all") {
    return [...BUILT_IN].filter(([name]) => !LONG.has(name))
      .map(([name, text]) => labCall(text, name, flags));
  }
  const text = BUILT_IN.get(named) ?? await readFile(named, world);
  return [labCall(text, named, flags)];
}

/** A scenario as it stands, for `list` and `show`. */
export function builtIn(name: string): Scenario {
  return read(BUILT_IN.get(name)!, name, {});
}

function labCall(text: string, path: string, flags: FlagValues): LabCall {
  if (flags.real && flags.virtual) throw new UsageError("Either --real or --virtual, not both");
  const readWith = (more: readonly string[], only = flags.only) =>
    read(text, path, {
      settings: [...flags.set ?? [], ...flags.virtual ? ["world=virtual"] : [], ...more],
      ...(only === undefined ? {} : { only }),
      ...(flags.with === undefined ? {} : { command: wordsOf(flags.with) }),
    });
  const count = flags.peers === undefined ? [] : [countOf(readWith([]), flags.peers)];
  const wished = readWith(count);
  if (flags.peers !== undefined) requireHeeded(wished, flags.peers);
  if (!flags.real) return callOf(wished, flags, flags.only && [...wished.variants.keys()], []);
  const { real, leftOut } = partedForReal(wished, flags);
  const isPart = flags.only !== undefined || leftOut.length > 0;
  return callOf(
    readWith([...count, "world=real"], real),
    flags,
    isPart ? real : undefined,
    leftOut,
  );
}

function callOf(
  scenario: Scenario,
  flags: FlagValues,
  variants: readonly string[] | undefined,
  leftOut: LabCall["leftOut"],
): LabCall {
  const isReal = [...scenario.variants.values()].some(({ world }) => world === "real");
  const flag = flags.processes ? "--processes" : flags.netns ? "--netns" : undefined;
  if (flag !== undefined && !isReal) {
    throw new UsageError(
      `${flag} is about real peers, and ${scenario.name} is played in virtual time: add --real`,
    );
  }
  return {
    ...{ scenario, leftOut, seeds: seedsOf(scenario, flags) },
    ...(variants === undefined ? {} : { variants }),
  };
}

/**
 * The variants that `--real` plays, and those that real programs cannot. @throws {UsageError} where one
 * that was asked for by name is among these, or nothing is left
 */
function partedForReal(
  scenario: Scenario,
  { processes = false, netns = false, only }: FlagValues,
): { real: string[]; leftOut: LabCall["leftOut"] } {
  const real: string[] = [];
  const leftOut: [variant: string, why: string][] = [];
  for (const variant of scenario.variants.keys()) {
    const plan = makePlan(scenario, variant, scenario.seeds[0]);
    const why = whyNotReal(plan, { areProcesses: processes || netns, hasProgram: true });
    if (why === undefined) real.push(variant);
    else leftOut.push([variant, why]);
  }
  const [first] = leftOut;
  if (first !== undefined && (only !== undefined || real.length === 0)) {
    const [variant, why] = first;
    throw new UsageError(
      `${scenario.name}${variant === "" ? "" : `, ${variant}`}: not with real programs. ${why}`,
    );
  }
  return { real, leftOut };
}

/** The setting that `--peers` stands for. */
function countOf({ variants }: Scenario, peers: number): string {
  if (peers === 0) throw new UsageError("--peers is 0: nobody would want the file");
  return `peers.${leechersOf([...variants.values()][0]!)}.count=${peers}`;
}

function requireHeeded({ name, variants }: Scenario, peers: number): void {
  const isHeeded = [...variants.values()].some((setup) =>
    setup.groups.some(({ as, count }) => as === leechersOf(setup) && count === peers)
  );
  if (!isHeeded) {
    throw new UsageError(`Each variant of ${name} says its own number: leave out --peers`);
  }
}

/** The group whose number `--peers` says: the first that lacks something. */
function leechersOf({ groups }: Setup): string {
  return (groups.find(({ have, lacks }) => have < 1 || lacks.length > 0) ?? groups[0]!).as;
}

function read(text: string, path: string, options: Omit<ReadOptions, "didYouMean">): Scenario {
  try {
    return readScenario(text, path, { didYouMean, ...options });
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
    const problem = /[./]/.test(named)
      ? `There is no file ${named}. vtorrent lab show NAME > mine.jsonc begins one`
      : noSuchScenario(named, [...BUILT_IN.keys(), "all"]);
    throw new UsageError(problem, { cause: error });
  }
}

/** Says that none is called so, which name may have been meant, and where all are. */
export function noSuchScenario(name: string, names: Iterable<string>): string {
  return `There is no scenario ${name}.${didYouMean(name, names)} ` +
    "(vtorrent lab list names those that there are)";
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

/** The words of a command as a shell would part them: spaces, and quotes around words with spaces. */
export function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare!);
  if (words.length === 0) throw new UsageError("--with needs a command");
  return words;
}
