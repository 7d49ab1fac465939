/**
 * Random swarms of whole engines: those of `random_plan.ts` without the members that misbehave, who find
 * each other in some way and have the link alone, or uTP. One seed, one plan.
 *
 * @module
 */
import type { PlannedMember, RunPlan } from "../../../lab/scenario/run_plan.ts";
import { seededRandom } from "../../../lab/virtual/seeded_random.ts";
import { randomPlan } from "./random_plan.ts";

/** How a swarm finds together. */
const WAYS: readonly PlannedMember["policies"]["sources"][] = [
  ["tracker"],
  ["tracker", "pex"],
  ["dht", "pex"],
  ["lsd"],
  ["tracker", "pex", "dht", "lsd"],
];
const UTP = ["off", "off", "allow", "prefer"] as const;

/** A plan in which all that stay can complete: one seed is there to the end. */
export function randomEngines(seed: number): RunPlan {
  const plan = randomPlan(seed);
  const random = seededRandom(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const sources = one(WAYS);
  const members = plan.members.filter(isPlayable).map((member): PlannedMember => ({
    ...member,
    policies: { ...member.policies, sources },
    utp: one(UTP),
    // Who has some of it has its .torrent, which others need.
    isMagnet: member.haveAtStart === 0 && random() < 0.3,
  }));
  const ids = new Set(members.map(({ id }) => id));
  const events = plan.events
    .filter((event) => !("who" in event) || event.who.every((id) => ids.has(id)))
    .map((event) => "from" in event ? { ...event, from: event.from.filter(ids.has, ids) } : event);
  return { ...plan, depth: "engine", members, events, limit: 3_600_000 };
}

/** Whether an engine does by itself what a member is to do. */
function isPlayable({ strategy, policies: { profile, corrupt, order } }: PlannedMember): boolean {
  return strategy === "normal" && profile === "full" && corrupt === 0 && order !== "random";
}
