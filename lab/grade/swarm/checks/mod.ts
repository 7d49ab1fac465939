/**
 * The checks: THE table from S1 to S14.
 *
 * @module
 */
import type { Check } from "../check.ts";
import { FAULTS } from "./faults.ts";
import { SHARING, SPEED } from "./sharing.ts";

/** All checks, in the order in which they run. The first one is the ground of the others. */
export const CHECKS: readonly Check[] = [...SHARING, ...FAULTS, SPEED];
