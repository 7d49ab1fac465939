/**
 * What may hold up a loop, as rows: each brings something to a real program and says whenever its stalls
 * are to be looked at. The tests ask that none is long; `bench/stalls.ts` prints them.
 *
 * @module
 */
import type { Program } from "./honest_swarm.ts";
import { requireNoStall, StallError } from "./wide_torrents.ts";

/** Looks at the longest stall of a program since it forgot those before. */
export type Look = (program: Program, what: string) => Promise<void>;

export interface StallRow {
  /** "a peer's loop goes on while …" */
  readonly name: string;
  run(look: Look): Promise<void>;
}

/** A test of each. One that fails is tried once more: this machine may have been busy otherwise. */
export function testStalls(rows: readonly StallRow[]): void {
  for (const { name, run } of rows) {
    Deno.test(name, async () => {
      try {
        await run(requireNoStall);
      } catch (error) {
        if (!(error instanceof StallError)) throw error;
        await run(requireNoStall);
      }
    });
  }
}
