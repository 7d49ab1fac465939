/**
 * The steps of a tracker, T1 to T7.
 *
 * @module
 */
import type { Step } from "../step.ts";
import { T1 } from "./t1_replies.ts";
import { T2 } from "./t2_formats.ts";
import { T3 } from "./t3_swarm.ts";

export const TRACKER_STEPS: readonly Step[] = [T1, T2, T3];
