/**
 * Turns of the event loop for everything that a tracker reads.
 *
 * @module
 */
import { LoopTurns } from "../../protocol/loop_turns.ts";

/** One for all sockets of a process. */
export const loopTurns = new LoopTurns({
  now: () => performance.now(),
  pause: () => new Promise(setImmediate),
});
