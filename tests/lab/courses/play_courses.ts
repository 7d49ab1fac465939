/**
 * The courses of the built-in scenarios that are played in virtual time, each cut to a size at which it
 * takes a moment.
 *
 * @module
 */
import { EngineWorld } from "../../../lab/engines/engine_world.ts";
import { BUILT_IN, LONG } from "../../../lab/scenario/built_in/mod.ts";
import { makePlan } from "../../../lab/scenario/make_plan.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";

/** What is changed about each. */
const SMALLER = ["content.size=1 MiB", "limit=2m"];

/** Name of a scenario → the course of its first variant with seed 1, as eight hex digits. */
export async function playCourses(): Promise<Record<string, string>> {
  const courses: Record<string, string> = {};
  for (const [name, text] of BUILT_IN) {
    if (LONG.has(name)) continue;
    const scenario = readScenario(text, name, { didYouMean: () => "", settings: SMALLER });
    const plan = makePlan(scenario, [...scenario.variants.keys()][0]!, 1);
    if (plan.world !== "virtual") continue;
    const world = plan.depth === "engine" ? new EngineWorld() : new VirtualWorld();
    courses[name] = (await world.run(plan)).course!;
  }
  return courses;
}
