/**
 * Many blocks in one line: what a person can follow on a screen. Files get every message.
 *
 * @module
 */
import { formatBytes, formatCount } from "../base/format.ts";
import type { Explained } from "./explainer.ts";

/** ms without another one after which a run is told. */
const QUIET_MS = 300;

/** Messages that come by the hundred. */
const RUNNING = new Set<unknown>(["request", "piece", "cancel", "reject", "have"]);

interface Run {
  readonly first: Explained;
  last: number;
  count: number;
  bytes: number;
  readonly pieces: number[];
}

/** Holds runs of the same message back until they end. */
export class BlockRuns {
  readonly #runs = new Map<string, Run>();
  readonly #emit: (line: Explained) => void;

  constructor(emit: (line: Explained) => void) {
    this.#emit = emit;
  }

  add(line: Explained): void {
    const { message, piece, length } = line.facts;
    if (line.kind !== "message" || !RUNNING.has(message)) {
      // In the order in which it happened, as far as this peer is concerned.
      for (const [key, run] of this.#runs) if (run.first.who === line.who) this.#end(key, run);
      return this.#emit(line);
    }
    const key = `${line.address} ${line.direction} ${message} ${message === "have" ? "" : piece}`;
    const run = this.#runs.get(key) ??
      { first: line, last: 0, count: 0, bytes: 0, pieces: [] };
    run.count++;
    run.last = line.time;
    run.bytes += typeof length === "number" ? length : 0;
    if (typeof piece === "number") run.pieces.push(piece);
    this.#runs.set(key, run);
  }

  /** Tells the runs that have been quiet for a while; all of them where no time is given. */
  flush(now = Infinity): void {
    for (const [key, run] of this.#runs) if (now - run.last >= QUIET_MS) this.#end(key, run);
  }

  #end(key: string, run: Run): void {
    this.#runs.delete(key);
    const { first, count, bytes, pieces } = run;
    if (count === 1) return this.#emit(first);
    const { message, piece } = first.facts;
    const text = message === "have"
      ? `have: ${first.direction === "sent" ? "we have" : "it has"} pieces ${pieces.join(", ")}`
      : `${message}: piece ${piece}, ${formatCount(count, "block")} (${formatBytes(bytes)})`;
    this.#emit({ ...first, text });
  }
}
