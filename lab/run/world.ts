/**
 * The world that a plan is played in: virtual time, or programs on this machine.
 *
 * @module
 */
import type { RunPlan } from "../scenario/run_plan.ts";
import type { RunEvent, RunRecord } from "./run_record.ts";

/** What a caller wants to know of a run, and how it ends it early. */
export interface RunOptions {
  /** Ends the run; the record says what happened until then. */
  readonly signal?: AbortSignal;
  /** Called with each event as it happens. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** A world. */
export interface World {
  /** Plays a plan to its end: all who stay complete, or its limit. */
  run(plan: RunPlan, options?: RunOptions): Promise<RunRecord>;
}
