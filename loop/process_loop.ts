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
  pause: (): Promise<unknown> => new Promise(setImmediate),
};

/** For long work. */
export const slices = new Slices(world);

/** For everything that is read from sockets. */
export const loopTurns = new LoopTurns(world);

/**
 * From now on long work is done in one go and nobody waits for a turn, whatever time that takes, until
 * the result is disposed: for a world whose time is made up, where the order of things must not depend
 * on this machine's. It holds for everything in this process.
 */
export function inOneGo(): Disposable {
  const real = { ...world };
  world.now = () => 0;
  world.pause = () => Promise.resolve();
  return { [Symbol.dispose]: () => void Object.assign(world, real) };
}

/**
 * As `parseMetainfo`, with pauses in which others are served; the same array is then known to it.
 *
 * @throws {BencodeError | MetainfoError} as there
 */
export function readMetainfo(bytes: Uint8Array): Promise<Metainfo> {
  return slices.run(metainfoSteps(bytes));
}
