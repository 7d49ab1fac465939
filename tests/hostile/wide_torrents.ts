/**
 * Torrents that take long to read and to open, and how long a loop may stand still for them.
 *
 * The aim is 100 ms. A test that asked for exactly that would judge the machine rather than the
 * program, so the bound here is one that only a step without pauses passes: {@linkcode MOST_STALL}
 * where some work that never changes takes {@linkcode REFERENCE_MS}, and more on a slower machine.
 *
 * @module
 */
import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { MAX_PIECES } from "../../protocol/bounds.ts";
import type { Program } from "./honest_swarm.ts";

/** ms of CPU time. Whatever was done in one piece here took 400 ms and more. */
const MOST_STALL = 250;
/** ms that the work of {@linkcode slowness} takes on the machine that the bound was set on. */
const REFERENCE_MS = 5;

/**
 * How much slower this machine is than that one; 1 at least. Of several rounds the fastest counts: the
 * others waited for a core.
 */
function slowness(): number {
  let best = Infinity;
  for (let round = 0; round < 10; round++) {
    const begun = performance.now();
    const map = new Map<string, number[]>();
    for (let i = 0; i < 10_000; i++) map.set(`k${i * 7919 % 10_007}`, [i]);
    best = Math.min(best, performance.now() - begun);
  }
  return Math.max(1, best / REFERENCE_MS);
}

/** Makes a list long enough for bytes of that size. */
function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function torrent(info: Record<string, BencodeInput>): Uint8Array {
  return encodeBencode({ info: { name: "wide", "piece length": 2 ** 20, ...info } });
}

const HASH = new Uint8Array(20);
const LEAF = { "": { length: 0 } };

/** About 3 MiB each: what a catalogue and a link take. */
export const SHAPES: readonly [what: string, bytes: () => Uint8Array][] = [
  [
    "100,000 files",
    () => torrent({ files: times(100_000, (i) => ({ length: 1, path: [`f${i}`] })), pieces: HASH }),
  ],
  [
    "60,000 folders",
    () =>
      torrent({ files: times(60_000, (i) => ({ length: 1, path: [`d${i}`, `f`] })), pieces: HASH }),
  ],
  ["a tree of 100,000 files", () =>
    torrent({
      "file tree": new Map(times(100_000, (i) => [`f${String(i).padStart(6, "0")}`, LEAF])),
      "meta version": 2,
    })],
  ["a million lists", () => torrent({ length: 1, pieces: HASH, x: times(1_000_000, () => []) })],
];

/** 42 MiB: as many pieces as a torrent may have. For a peer, whose page takes 64 MiB. */
export const PIECES: (typeof SHAPES)[number] = [
  "two million pieces",
  () =>
    torrent({
      "piece length": 16384,
      length: 16384 * MAX_PIECES,
      pieces: new Uint8Array(20 * MAX_PIECES),
    }),
];

/** A loop stood still for longer than it may. */
export class StallError extends Error {
  override name = "StallError";
}

/** @throws {StallError} */
export async function requireNoStall(program: Program, what: string): Promise<void> {
  const { stall } = await program.cost();
  const bound = MOST_STALL * slowness();
  if (stall <= bound) return;
  throw new StallError(
    `${what}: the loop stood still for ${stall} ms; ${bound.toFixed(0)} may be`,
  );
}
