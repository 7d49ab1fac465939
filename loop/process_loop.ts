/**
 * The one event loop of the process, which trackers and peers in it share: whose turn it is.
 *
 * @module
 */
import { type Metainfo, metainfoSteps } from "../protocol/metainfo.ts";
import { LoopTurns } from "./loop_turns.ts";
import { Slices } from "./slices.ts";

const world = {
  now: () => performance.now(),
  pause: () => new Promise(setImmediate),
};

/** For long work. */
export const slices = new Slices(world);

/** For everything that is read from sockets. */
export const loopTurns = new LoopTurns(world);

/**
 * As `parseMetainfo`, with pauses in which others are served; the same array is then known to it.
 *
 * @throws {BencodeError | MetainfoError} as there
 */
export function readMetainfo(bytes: Uint8Array): Promise<Metainfo> {
  return slices.run(metainfoSteps(bytes));
}
