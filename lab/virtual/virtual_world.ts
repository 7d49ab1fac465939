/**
 * The virtual world: plays a plan in virtual time. The same plan gives the same record, byte for
 * byte, on every machine.
 *
 * @module
 */
import { Layout } from "../../protocol/piece_layout.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { RunOptions, World } from "../run/world.ts";
import type { PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import type { Behaviour } from "./behaviour.ts";
import { behaviourOf } from "./member_behaviour.ts";
import { PlannedRun, type Stage } from "./planned_run.ts";
import type { VirtualPeer } from "./virtual_peer.ts";
import { VirtualSwarm } from "./virtual_swarm.ts";

/** Steps of the clock between two looks at the signal. */
const STEPS = 20_000;

/** What becomes of a member's behaviour before it comes. */
export type Mutation = (behaviour: Behaviour, member: PlannedMember) => Behaviour;

/** Runs our own peer's decisions on a made-up clock and network. */
export class VirtualWorld implements World {
  readonly #mutation: Mutation;

  /** @param mutation plants a fault, to see whether checks find it */
  constructor(mutation: Mutation = (behaviour) => behaviour) {
    this.#mutation = mutation;
  }

  async run(plan: RunPlan, options: RunOptions = {}): Promise<RunRecord> {
    const run = new PlannedRun(
      plan,
      options,
      (onEvent) => new SwarmStage(plan, onEvent, this.#mutation),
    );
    const { time } = run.stage;
    while (!run.isDone) {
      let left = STEPS;
      if (!time.runUntil(() => run.isDone || left-- <= 0, plan.limit)) break;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return run.record();
  }
}

/** A swarm that members of a plan come to. */
class SwarmStage extends VirtualSwarm implements Stage<VirtualPeer> {
  readonly #mutation: Mutation;

  constructor(
    { seed, content: { size, pieceLength }, members, net, tracker }: RunPlan,
    onEvent: (event: RunEvent) => void,
    mutation: Mutation,
  ) {
    const pieces = new Layout(size, pieceLength).pieceCount;
    super(seed, pieces, pieceLength, {
      network: net,
      interval: tracker.interval / 1000,
      numwant: tracker.numwant,
      isHonest: members.every(({ policies }) => policies.corrupt === 0),
      onEvent,
    }, size);
    this.#mutation = mutation;
  }

  arrive(member: PlannedMember): VirtualPeer {
    const { random, layout } = this;
    const behaviour = behaviourOf(member, layout.pieceCount, random);
    return this.add(this.#mutation(behaviour, member), member.id);
  }
}
