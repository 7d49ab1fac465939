/**
 * An experiment: every variant of a scenario with every seed, measured and judged.
 *
 * @module
 */
import { answers, asksOf } from "../checks/asks.ts";
import { judge, type Judgement, type RunResult } from "../checks/judge.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { World } from "../run/world.ts";
import { makePlan } from "../scenario/make_plan.ts";
import type { RunPlan } from "../scenario/run_plan.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** Kinds of worlds; `engines`: virtual time with whole engines. */
type WorldKind = "virtual" | "engines" | "real";

/** How an experiment is run. */
export interface ExperimentOptions {
  /** The world of each kind, made when it is first needed. */
  readonly worlds: Readonly<Record<WorldKind, () => Promise<World>>>;
  readonly seeds: readonly number[];
  /** undefined: all */
  readonly variants?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called before each run. */
  readonly onRun?: (variant: string, seed: number, done: number, of: number) => void;
  readonly onEvent?: (event: RunEvent) => void;
  /** Called after each run, with all that happened in it; it is forgotten afterwards. */
  readonly onRecord?: (record: RunRecord) => void | Promise<void>;
}

/** What came out. */
export interface Experiment {
  readonly scenario: Scenario;
  readonly seeds: readonly number[];
  readonly results: readonly RunResult[];
  readonly judgements: readonly Judgement[];
  /** variant → its run with the first seed, for the figures */
  readonly shown: ReadonlyMap<string, RunRecord>;
}

/** Runs it. @throws {DOMException} AbortError */
export async function runExperiment(
  scenario: Scenario,
  options: ExperimentOptions,
): Promise<Experiment> {
  const { worlds, seeds, signal } = options;
  const variants = options.variants ?? [...scenario.variants.keys()];
  const asks = asksOf(scenario);
  const made = new Map<WorldKind, World>();
  const results: RunResult[] = [];
  const shown = new Map<string, RunRecord>();
  for (const variant of variants) {
    for (const seed of seeds) {
      signal?.throwIfAborted();
      options.onRun?.(variant, seed, results.length, variants.length * seeds.length);
      const plan = makePlan(scenario, variant, seed);
      const kind = kindOf(plan);
      const world = made.get(kind) ?? await worlds[kind]();
      made.set(kind, world);
      const record = await world.run(plan, {
        ...(signal === undefined ? {} : { signal }),
        ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
      });
      signal?.throwIfAborted();
      if (!shown.has(variant)) shown.set(variant, record);
      await options.onRecord?.(record);
      results.push({
        ...{ variant, seed, world: plan.world, endedAt: record.endedAt },
        ...(record.course === undefined ? {} : { course: record.course }),
        ...(record.machine === undefined ? {} : { machine: record.machine }),
        remarks: record.remarks ?? [],
        values: answers(record, asks),
      });
    }
  }
  return { scenario, seeds, results, judgements: judge(scenario, results), shown };
}

function kindOf({ world, depth }: RunPlan): WorldKind {
  return world === "virtual" && depth === "engine" ? "engines" : world;
}
