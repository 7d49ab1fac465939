/**
 * The virtual world of whole engines: peers with all that they have (magnets, peer exchange, the DHT,
 * uTP, limits, records), in virtual time. The same plan gives the same record.
 *
 * @module
 */
import { inOneGo } from "../../peer/lab.ts";
import type { RunRecord } from "../run/run_record.ts";
import type { RunOptions, World } from "../run/world.ts";
import type { RunPlan } from "../scenario/run_plan.ts";
import { PlannedRun } from "../virtual/planned_run.ts";
import { EngineSwarm } from "./engine_swarm.ts";

/** See the module. */
export class EngineWorld implements World {
  /** @throws what an engine did not expect */
  async run(plan: RunPlan, options: RunOptions = {}): Promise<RunRecord> {
    using _ = inOneGo();
    let swarm: EngineSwarm | undefined;
    const run = new PlannedRun(plan, options, (emit) => swarm = new EngineSwarm(plan, emit));
    while (!run.isDone && await swarm!.step(plan.limit));
    return run.record();
  }
}
