/**
 * The steps of a tracker, T1 to T7.
 *
 * @module
 */
import type { Step } from "../step.ts";
import { T1 } from "./t1_replies.ts";
import { T2 } from "./t2_formats.ts";
import { T3 } from "./t3_swarm.ts";
import { T4 } from "./t4_requests.ts";
import { T5 } from "./t5_addresses.ts";
import { T6 } from "./t6_udp.ts";
import { T7 } from "./t7_crowd.ts";

export const TRACKER_STEPS: readonly Step[] = [T1, T2, T3, T4, T5, T6, T7];
