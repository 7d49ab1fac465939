/**
 * Long work on the process's one loop, a slice a turn.
 *
 * @module
 */
import { type Metainfo, metainfoSteps } from "../protocol/metainfo.ts";
import { LoopTurns } from "../protocol/loop_turns.ts";
import { Slices } from "../protocol/steps.ts";

/** Whose turn it is: one for all peers of a process. */
export const slices = new Slices({
  now: () => performance.now(),
  pause: () => new Promise(setImmediate),
});

/** For everything that is read from sockets. */
export const loopTurns = new LoopTurns({
  now: () => performance.now(),
  pause: () => new Promise(setImmediate),
});

/**
 * As `parseMetainfo`, with pauses in which others are served; the same array is then known to it.
 *
 * @throws {BencodeError | MetainfoError} as there
 */
export function readMetainfo(bytes: Uint8Array): Promise<Metainfo> {
  return slices.run(metainfoSteps(bytes));
}
