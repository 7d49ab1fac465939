/**
 * What reading may cost: in proportion to the bytes that somebody else sent, in time and in memory.
 *
 * Each shape is read at two sizes. What a slow or busy machine adds is left out by taking the least
 * of several rounds, and by comparing the two sizes with each other: a reader that looks again and
 * again at the same bytes is off by the ratio of the sizes in every round.
 *
 * @module
 */
import {
  BencodeError,
  MagnetError,
  MetainfoError,
  ProtocolError,
  TrackerError,
} from "../../protocol/errors.ts";
import { assert } from "../support/assert.ts";

/** One kind of input. */
export interface Shape {
  readonly what: string;
  /** An input; of `4 * small` it is four times as long as of `small`, or as its format allows. */
  readonly make: (count: number) => Uint8Array;
  readonly small: number;
  /** Reads it; what comes back is what is kept. Refusals are as good. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** It is read in slices, others have their turn between two: only each of these must be short. */
  readonly isSliced?: boolean;
  /** Few bytes claim much: one such claim is within the base, a thousand at once are not sent. */
  readonly isClaim?: boolean;
  /** Errors by which it refuses, beside those of `protocol/`. */
  readonly refusals?: readonly (new (...args: never[]) => Error)[];
}

/** The larger input is so many times the smaller one, where the format allows. */
const GROWTH = 4;
/** The larger one may cost so many times its share of bytes. */
const SLACK = 1.5;
/** ms that a read may cost whatever was sent: below it nobody can tell. */
const BASE_MS = 0.2;
/** ms that a read may hold everybody else up. */
const LONGEST_MS = 100;
/** Bytes that reading may keep whatever was sent: tables, caches, code. */
const BASE_BYTES = 2 << 20;
/** Bytes that may be kept for each byte that was sent. */
const PER_BYTE = 20;
/** Short inputs are kept so many times over, or until they are so many bytes: the base hides one. */
const MANY = 128;
const MANY_BYTES = 1 << 19;

/** ms that one measurement takes at least, so that the clock's ticks do not matter. */
const BATCH_MS = 2;
const MOST_READS = 4096;
/** Rounds until the least of them is within the bounds, or is not. */
const ROUNDS = 100;
/** ms after which no more rounds are begun. */
const PATIENCE_MS = 10_000;

/** Tests that a shape costs what its bytes pay for. */
export function testBudget(shape: Shape): void {
  Deno.test(`reading ${shape.what} costs time in proportion to what was sent`, () => {
    const [small, large] = [shape.make(shape.small), shape.make(GROWTH * shape.small)];
    const share = Math.max(1, large.length / small.length) * SLACK;
    const reads = readsFor(shape, small);
    let [forSmall, forLarge] = [Infinity, Infinity];
    const longest = shape.isSliced ? Infinity : LONGEST_MS;
    const isWithin = () => forLarge <= forSmall * share + BASE_MS && forLarge <= longest;
    const giveUp = performance.now() + PATIENCE_MS;
    for (let round = 0; round < ROUNDS && !isWithin(); round++) {
      if (round > 2 && performance.now() > giveUp) break;
      forSmall = Math.min(forSmall, timeOf(shape, small, reads));
      forLarge = Math.min(forLarge, timeOf(shape, large, Math.ceil(reads / GROWTH)));
    }
    assert(
      isWithin(),
      `${forLarge} ms for ${large.length} bytes, ${forSmall} ms for ${small.length}`,
    );
  });

  Deno.test(`reading ${shape.what} keeps memory in proportion to what was sent`, () => {
    for (const bytes of [shape.make(shape.small), shape.make(GROWTH * shape.small)]) {
      const copies = shape.isClaim ? 1 : Math.min(MANY, Math.ceil(MANY_BYTES / bytes.length));
      const kept = bytesKept(shape, bytes, copies);
      const bound = BASE_BYTES + PER_BYTE * bytes.length * copies;
      assert(kept <= bound, `${kept} bytes kept of ${copies} times ${bytes.length}`);
    }
  });
}

/** Reads that take together as long as can be measured. */
function readsFor(shape: Shape, bytes: Uint8Array): number {
  for (let reads = 1; reads < MOST_READS; reads *= 2) {
    if (timeOf(shape, bytes, reads) * reads >= BATCH_MS) return reads;
  }
  return MOST_READS;
}

/** ms for one of so many reads. */
function timeOf(shape: Shape, bytes: Uint8Array, reads: number): number {
  // .torrents are recognised by their array: each read has one of its own, made before.
  const inputs = Array.from({ length: reads }, () => bytes.slice());
  // What others left behind is not collected at this shape's cost.
  collectGarbage();
  const start = performance.now();
  for (const input of inputs) readOrRefuse(shape, input);
  return (performance.now() - start) / reads;
}

/** Bytes of memory that what `copies` reads return holds, refusals included. */
function bytesKept(shape: Shape, bytes: Uint8Array, copies: number): number {
  const before = memoryInUse();
  const kept: unknown[] = [];
  for (let copy = 0; copy < copies; copy++) kept.push(readOrRefuse(shape, bytes.slice()));
  const used = memoryInUse() - before;
  assert(kept.length === copies);
  return used;
}

function readOrRefuse({ read, refusals = [] }: Shape, bytes: Uint8Array): unknown {
  try {
    return read(bytes);
  } catch (error) {
    const known = [
      BencodeError,
      MagnetError,
      MetainfoError,
      ProtocolError,
      TrackerError,
      ...refusals,
    ];
    if (known.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  assert(gc !== undefined, "run with --v8-flags=--expose-gc");
  gc();
}

/** `count` things made one after the other. */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** UTF-8. */
export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
