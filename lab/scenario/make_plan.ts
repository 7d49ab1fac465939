/**
 * From a scenario to the plan of one run: members by name, and what chance decides about them.
 *
 * @module
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Arrival } from "./notations.ts";
import type { Deed, Net, PlannedEvent, PlannedMember, RunPlan } from "./run_plan.ts";
import { membersOf, type Scenario, type ScenarioEvent, type Setup } from "./scenario.ts";

/** Makes the plan of one variant with one seed: always the same one. */
export function makePlan(scenario: Scenario, variant: string, seed: number): RunPlan {
  const setup = scenario.variants.get(variant)!;
  const random = uniform(seed);
  const members = setup.groups.flatMap((group): PlannedMember[] => {
    const { as, count, have, arrive, stay, strategy, policies, lacks } = group;
    return arrivals(arrive, count, random).map((arrivesAt, index) => ({
      id: count === 1 ? as : `${as} ${index + 1}`,
      name: as,
      ...(group.up === undefined ? {} : { up: group.up }),
      ...(group.down === undefined ? {} : { down: group.down }),
      arrivesAt,
      haveAtStart: have,
      program: group.program,
      ...{ strategy, policies, stay, lacks },
      isMagnet: group.isMagnet,
      utp: group.utp,
      ...(group.uploadLimit === undefined ? {} : { uploadLimit: group.uploadLimit }),
      ...(group.downloadLimit === undefined ? {} : { downloadLimit: group.downloadLimit }),
      ...(policies.corrupt === 0 ? {} : { corrupt: policies.corrupt }),
      ...(group.command === undefined ? {} : { command: group.command }),
      stdin: group.stdin,
      isOptional: group.optional,
    }));
  });
  const { world, depth, limit, content, tracker } = setup;
  return {
    scenario: scenario.name,
    ...{ variant, seed, world, depth, limit, content, tracker, members },
    net: netOf(setup, members),
    events: scenario.events.map((event) => planned(event, members)),
    listenedTo: listenedTo(scenario, members),
  };
}

/** The network, with ids where the scenario has names. */
function netOf({ net: { pairs, ...line } }: Setup, members: readonly PlannedMember[]): Net {
  if (pairs.length === 0) return line;
  const ids = (name: string) => membersOf(members, [name]).map(({ id }) => id);
  return {
    ...line,
    pairs: pairs.map(({ between: [some, others], ...own }) => ({
      ...own,
      between: [ids(some), ids(others)],
    })),
  };
}

/** Those of figures that show every message. */
function listenedTo({ draws }: Scenario, members: readonly PlannedMember[]): string[] {
  const names = draws.flatMap(({ figure, of }) => figure === "sequence" ? of ?? ["all"] : []);
  return membersOf(members, names).map(({ id }) => id);
}

/** Numbers in [0, 1) that follow from a seed. */
function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

/** When so many members arrive, in order, in whole ms. */
function arrivals(arrive: Arrival, count: number, random: () => number): number[] {
  const times: number[] = [];
  let at = arrive.is === "poisson" ? arrive.from : 0;
  for (let index = 0; index < count; index++) {
    switch (arrive.is) {
      case "at":
        times.push(arrive.at);
        break;
      case "uniform":
        times.push(Math.round(arrive.from + random() * (arrive.to - arrive.from)));
        break;
      case "every":
        times.push(index * arrive.gap);
        break;
      case "poisson":
        at += -Math.log(1 - random()) * 1000 / arrive.perSecond;
        times.push(Math.round(at));
        break;
    }
  }
  return times.sort((a, b) => a - b);
}

function planned(event: ScenarioEvent, members: readonly PlannedMember[]): PlannedEvent {
  const ids = (names: readonly string[]) => membersOf(members, names).map(({ id }) => id);
  const { at, when } = event;
  const time = when === undefined
    ? { at: at ?? 0 }
    : { when: { measure: when.measure, of: ids(when.of), atLeast: when.atLeast } };
  return { ...deedOf(event, ids), ...time };
}

function deedOf(event: ScenarioEvent, ids: (names: readonly string[]) => string[]): Deed {
  switch (event.do) {
    case "tracker down":
    case "tracker up":
      return { do: event.do };
    case "cut":
    case "join":
      return { do: event.do, who: ids(event.who), from: ids(event.from) };
    case "set":
      return {
        do: "set",
        who: ids(event.who),
        ...(event.up === undefined ? {} : { up: event.up }),
        ...(event.down === undefined ? {} : { down: event.down }),
      };
    default:
      return { do: event.do, who: ids(event.who) };
  }
}
