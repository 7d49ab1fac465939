/**
 * Blocks that a web seed is asked for, as ranges of files, and cut out of what it sends.
 *
 * @module
 */
import type { Layout } from "../../protocol/piece_layout.ts";

/** A block of a piece; all numbers but `piece` in bytes. */
export interface WantedBlock {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** A file as the torrent lays it out. */
interface LaidFile {
  readonly offset: number;
  readonly length: number;
  readonly pad: boolean;
}

/** Consecutive bytes to fetch. `file` indexes the files; none for zeros that lie in no file. */
export interface WebRange {
  readonly file: number | undefined;
  /** Offset in bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The ranges that hold `blocks`, in this order: together exactly their bytes. Neighbours become one
 * range as far as a file goes.
 *
 * @param blocks in the order of the torrent's bytes
 */
export function rangesOf(
  blocks: readonly WantedBlock[],
  files: readonly LaidFile[],
  layout: Layout,
): WebRange[] {
  const ranges: WebRange[] = [];
  for (let i = 0; i < blocks.length;) {
    const from = startOf(blocks[i]!, layout);
    let to = from;
    while (i < blocks.length && startOf(blocks[i]!, layout) === to) to += blocks[i++]!.length;
    addRanges(ranges, from, to, files);
  }
  return ranges;
}

/** Puts blocks into the order of the torrent's bytes. */
export function sortBlocks(blocks: WantedBlock[]): WantedBlock[] {
  return blocks.sort((a, b) => a.piece - b.piece || a.begin - b.begin);
}

function startOf({ piece, begin }: WantedBlock, layout: Layout): number {
  return layout.pieceOffset(piece) + begin;
}

function addRanges(
  ranges: WebRange[],
  from: number,
  to: number,
  files: readonly LaidFile[],
): void {
  let at = from;
  for (let index = fileAt(files, from); at < to; index++) {
    const file = files[index];
    // Before a file, after the last one: the gaps that v2 torrents have.
    const start = Math.min(to, file?.offset ?? to);
    if (start > at) ranges.push({ file: undefined, offset: 0, length: start - at });
    at = Math.max(at, start);
    if (file === undefined || at === to) break;
    const end = Math.min(to, file.offset + file.length);
    if (end <= at) continue;
    ranges.push({
      file: file.pad ? undefined : index,
      offset: at - file.offset,
      length: end - at,
    });
    at = end;
  }
}

/** Index of the first file that ends after `offset`. */
function fileAt(files: readonly LaidFile[], offset: number): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const file = files[middle]!;
    if (file.offset + file.length > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Cuts a stream of bytes into blocks. */
export class BlockCutter {
  readonly #blocks: readonly WantedBlock[];
  readonly #onBlock: (block: WantedBlock, bytes: Uint8Array) => void;
  #next = 0;
  /** The start of a block whose end has not come. */
  #part = new Uint8Array();
  #filled = 0;

  /** @param onBlock is given views that live as long as the call */
  constructor(
    blocks: readonly WantedBlock[],
    onBlock: (block: WantedBlock, bytes: Uint8Array) => void,
  ) {
    this.#blocks = blocks;
    this.#onBlock = onBlock;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const block = this.#blocks[this.#next];
      if (block === undefined) throw new RangeError("Cannot cut more bytes than blocks");
      const take = Math.min(block.length - this.#filled, bytes.length - at);
      const chunk = bytes.subarray(at, at + take);
      at += take;
      if (take === block.length) {
        this.#next++;
        this.#onBlock(block, chunk);
        continue;
      }
      if (this.#part.length < block.length) this.#part = new Uint8Array(block.length);
      this.#part.set(chunk, this.#filled);
      this.#filled += take;
      if (this.#filled < block.length) return;
      this.#filled = 0;
      this.#next++;
      this.#onBlock(block, this.#part.subarray(0, block.length));
    }
  }
}
