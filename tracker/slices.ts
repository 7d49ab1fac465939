/**
 * Long work on the process's one loop, a slice a turn.
 *
 * @module
 */
import { type Metainfo, metainfoSteps } from "../protocol/metainfo.ts";
import { Slices } from "../protocol/steps.ts";

/** Whose turn it is: one for all trackers of a process. */
export const slices = new Slices({
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
