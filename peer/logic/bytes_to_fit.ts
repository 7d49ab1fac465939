/**
 * How much room a download still needs.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import type { FileMap } from "./file_map.ts";

/** Bytes on disk of the pieces that are not there and lie in a wanted file. */
export function* bytesToFitSteps(
  layout: Layout,
  map: FileMap,
  have: Bitfield,
  { isOnDisk, isWanted }: {
    isOnDisk: (file: number) => boolean;
    isWanted: (file: number) => boolean;
  },
): Steps<number> {
  let bytes = 0;
  for (let piece = 0; piece < have.length; piece++) {
    if (have.has(piece)) continue;
    yield;
    const spans = map.spans(layout.pieceOffset(piece), layout.pieceSize(piece));
    if (!spans.some(({ file }) => isOnDisk(file) && isWanted(file))) continue;
    for (const { file, length } of spans) if (isOnDisk(file)) bytes += length;
  }
  return bytes;
}
