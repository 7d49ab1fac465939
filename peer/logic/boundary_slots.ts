/**
 * Where pieces that several files share lie in the file that keeps what belongs to unwanted files.
 *
 * @module
 */
import type { Layout } from "../../protocol/layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import type { MappedFile } from "./file_map.ts";

/**
 * Every piece with bytes of more than one file has a slot of one piece's length, in the order of the
 * pieces. Slots follow from the torrent alone, so that they are the same whatever is selected.
 */
export class BoundarySlots {
  readonly #layout: Layout;
  readonly #slots: ReadonlyMap<number, number>;

  private constructor(layout: Layout, slots: ReadonlyMap<number, number>) {
    this.#layout = layout;
    this.#slots = slots;
  }

  /** @param files those with bytes on disk: without padding, links and empty files */
  static *steps(layout: Layout, files: Iterable<MappedFile>): Steps<BoundarySlots> {
    const slots = new Map<number, number>();
    let previous = -1;
    for (const { offset, length } of files) {
      yield;
      const pieces = layout.piecesOf(offset, length);
      if (pieces === undefined) continue;
      if (pieces.first === previous && !slots.has(previous)) slots.set(previous, slots.size);
      previous = pieces.last;
    }
    return new BoundarySlots(layout, slots);
  }

  /** Where a byte of the torrent lies; undefined where its piece belongs to one file. */
  at(offset: number): number | undefined {
    const piece = Math.floor(offset / this.#layout.pieceLength);
    const slot = this.#slots.get(piece);
    return slot === undefined
      ? undefined
      : slot * this.#layout.pieceLength + offset - this.#layout.pieceOffset(piece);
  }

  /** The parts of a file in pieces that it shares: at its begin, at its end, or all of it. */
  shared(file: MappedFile): { offset: number; length: number }[] {
    const { offset, length } = file;
    const pieces = this.#layout.piecesOf(offset, length);
    if (pieces === undefined) return [];
    const ends = new Set([pieces.first, pieces.last]);
    return [...ends].filter((piece) => this.#slots.has(piece)).map((piece) => {
      const from = Math.max(offset, this.#layout.pieceOffset(piece));
      const to = Math.min(
        offset + length,
        this.#layout.pieceOffset(piece) + this.#layout.pieceSize(piece),
      );
      return { offset: from, length: to - from };
    });
  }
}
