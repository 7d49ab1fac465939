/**
 * Seeded randomness, so that a failing test fails again.
 *
 * @module
 */
export { seededRandom } from "../../lab/virtual/seeded_random.ts";
