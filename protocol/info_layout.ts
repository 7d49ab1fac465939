/**
 * How a torrent's pieces lie, padding and the gaps of v2 known.
 *
 * @module
 */
import { Layout } from "./layout.ts";
import { atOnce, type Steps } from "./steps.ts";

/** What is needed of an info dictionary. Sizes are bytes. */
export interface LayoutFacts {
  readonly kind: "v1" | "hybrid" | "v2";
  readonly totalSize: number;
  readonly pieceLength: number;
  readonly files: readonly {
    readonly offset: number;
    readonly length: number;
    readonly pad: boolean;
  }[];
}

/** The layout of a torrent. */
export function layoutOf(facts: LayoutFacts): Layout {
  return atOnce(layoutSteps(facts));
}

/** The same with pauses. */
export function* layoutSteps(
  { kind, totalSize, pieceLength, files }: LayoutFacts,
): Steps<Layout> {
  const contentSizes = new Map<number, number>();
  const alone: number[] = [];
  for (const { offset, length, pad } of files) {
    yield;
    if (!pad || length === 0) continue;
    const first = Math.floor(offset / pieceLength);
    const last = Math.floor((offset + length - 1) / pieceLength);
    for (let piece = first; piece <= last; piece++) {
      yield;
      const end = Math.min((piece + 1) * pieceLength, totalSize);
      // A piece of padding alone still has a block: somebody has to complete it.
      if (offset + length >= end) {
        contentSizes.set(piece, Math.max(1, offset - piece * pieceLength));
        if (offset <= piece * pieceLength) alone.push(piece);
      }
    }
  }
  const isGap = kind === "v2";
  if (contentSizes.size === 0 && !isGap) return new Layout(totalSize, pieceLength);
  return new Layout(totalSize, pieceLength, { contentSizes, isGap, pieces: alone });
}
