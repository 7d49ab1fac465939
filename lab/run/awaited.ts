/**
 * Awaited: an event of a scenario that waits for what members have given, or have.
 *
 * @module
 */
import type { When } from "../scenario/run_plan.ts";
import type { RunEvent } from "./run_record.ts";

/** One event's: whether it is time. */
export class Awaited {
  readonly #when: When;
  readonly #of: ReadonlySet<string>;
  readonly #size: number;
  readonly #pieceSize: (piece: number) => number;
  readonly #pieces: number;
  #given = 0;
  readonly #givenOf = new Map<number, number>();
  #out = 0;
  readonly #complete = new Set<string>();

  constructor(
    when: When,
    layout: { totalSize: number; pieceCount: number; pieceSize(piece: number): number },
  ) {
    this.#when = when;
    this.#of = new Set(when.of);
    this.#size = layout.totalSize;
    this.#pieces = layout.pieceCount;
    this.#pieceSize = (piece) => layout.pieceSize(piece);
  }

  /** Something happened. */
  add(event: RunEvent): void {
    if (event.what === "completed" && this.#of.has(event.who)) this.#complete.add(event.who);
    if (event.what !== "block" || !this.#of.has(event.from)) return;
    this.#given += event.length;
    const before = this.#givenOf.get(event.piece) ?? 0;
    const size = this.#pieceSize(event.piece);
    this.#givenOf.set(event.piece, before + event.length);
    if (before < size && before + event.length >= size) this.#out++;
  }

  get isReached(): boolean {
    return this.#value() >= this.#when.atLeast;
  }

  #value(): number {
    switch (this.#when.measure) {
      case "given_copies":
        return this.#given / this.#size;
      case "distinct_share":
        return this.#out / this.#pieces;
      case "complete_share":
        return this.#complete.size / this.#of.size;
    }
  }
}
