/**
 * The steps of a tracker, T1 to T7.
 *
 * @module
 */
import type { Step } from "../step.ts";

export const TRACKER_STEPS: readonly Step[] = [];
