/**
 * What a virtual swarm shares: bytes that tell right from wrong, and piece from piece.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";

const WRONG = 255;
/** Made once: what is sent is only read. */
const BLOCKS = new Map<number, Uint8Array>();

/** A block of a piece, as an honest peer sends it or a liar. */
export function blockOf(piece: number, length: number, isWrong: boolean): Uint8Array {
  const value = isWrong ? WRONG : piece % WRONG;
  let block = BLOCKS.get(value);
  if (block === undefined) BLOCKS.set(value, block = new Uint8Array(BLOCK_LENGTH).fill(value));
  return length === BLOCK_LENGTH ? block : block.subarray(0, length);
}

/** In place of the hash: blocks are right or wrong as a whole. */
export function isRight({ piece, bytes }: { piece: number; bytes: Uint8Array }): boolean {
  for (let at = 0; at < bytes.length; at += BLOCK_LENGTH) {
    if (bytes[at] !== piece % WRONG) return false;
  }
  return true;
}
