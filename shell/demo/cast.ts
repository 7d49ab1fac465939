/**
 * The cast of the demo: what its peers are called, and what they share, by the lab's scenario of this
 * name. Names that a class can speak of stand for peers better than numbers do.
 *
 * @module
 */
import { BUILT_IN } from "../../lab/scenario/built_in/mod.ts";
import { makePlan } from "../../lab/scenario/make_plan.ts";
import { readScenario } from "../../lab/scenario/read_scenario.ts";

const NAMES = (
  "ada bob carol dave eve frank grace heidi ivan judy kim leo mia nia olga paul quinn ruth sam tina " +
  "uma vic wendy xena yan zoe"
).split(" ");

/** What is shared where no file was named. */
export const FILM = "lecture.mp4";

/** What `vtorrent lab run demo` plays, too. */
export interface Film {
  /** bytes */
  readonly size: number;
  /** bytes per second that the first peer gives at most: the film takes 20 s */
  readonly up: number;
  /** peers that each serves by their rate: few, so that four are enough to see choking */
  readonly slots: number;
  /** peers that want it */
  readonly downloaders: number;
}

/** The scenario's numbers. */
export function filmOf(): Film {
  const scenario = readScenario(BUILT_IN.get("demo")!, "demo", { didYouMean: () => "" });
  const { content: { size }, members: [first, ...others] } = makePlan(scenario, "", 1);
  // One of a scenario's slots is the optimistic one.
  return { size, up: first!.up!, slots: first!.policies.slots! - 1, downloaders: others.length };
}

/** The names of `count` peers, the first one first: `ada`, `bob` … `zoe`, `ada2` … */
export function castOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / NAMES.length);
    return NAMES[index % NAMES.length]! + (round === 0 ? "" : String(round + 1));
  });
}

/**
 * Writes a film of which no two blocks are alike, so that each piece has a hash of its own.
 *
 * @param size whole MiB
 */
export async function writeFilm(path: string, size: number, stop: AbortSignal): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const chunk = new Uint8Array(1 << 20);
  for (let written = 0; written < size && !stop.aborted; written += chunk.length) {
    // The most that is given at a time.
    for (let at = 0; at < chunk.length; at += 65_536) {
      crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    }
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
}
