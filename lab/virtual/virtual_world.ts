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
import { behaviourOf } from "./member_behaviour.ts";
import { PlannedRun, type Stage } from "./planned_run.ts";
import type { VirtualPeer } from "./virtual_peer.ts";
import { VirtualSwarm } from "./virtual_swarm.ts";

/** Steps of the clock between two looks at the signal. */
const STEPS = 20_000;

/** Runs our own peer's decisions on a made-up clock and network. */
export class VirtualWorld implements World {
  async run(plan: RunPlan, options: RunOptions = {}): Promise<RunRecord> {
    const run = new PlannedRun(plan, options, (onEvent) => new SwarmStage(plan, onEvent));
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
  constructor(
    { seed, content: { size, pieceLength }, members, net, tracker }: RunPlan,
    onEvent: (event: RunEvent) => void,
  ) {
    const pieces = new Layout(size, pieceLength).pieceCount;
    super(seed, pieces, pieceLength, {
      network: net,
      interval: tracker.interval / 1000,
      numwant: tracker.numwant,
      isHonest: members.every(({ policies }) => policies.corrupt === 0),
      onEvent,
    }, size);
  }

  arrive(member: PlannedMember): VirtualPeer {
    const { random, layout } = this;
    return this.add(behaviourOf(member, layout.pieceCount, random), member.id);
  }
}
