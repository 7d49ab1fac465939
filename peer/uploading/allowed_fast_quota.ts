/**
 * Allowed fast quota (BEP 6): how many pieces a choked newcomer may request, and how many bytes of
 * each.
 *
 * @module
 */
import { ALLOWED_FAST_COUNT } from "../../protocol/allowed_fast.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Peer } from "../peers/peer.ts";

/** Most bytes of pieces that a choked peer is given, unless one piece is more. */
const MAX_BYTES = 4 << 20;
/**
 * One piece of so many. All peers behind one /24 are given the same ones, so in a small torrent that
 * a whole room wants, more of them would be many copies of the same from one seed.
 */
const SHARE = 50;
/** Times that a peer is sent a piece while choked: once, and again where that failed. */
const TIMES = 2;

/** How many pieces of a torrent a choked newcomer is given. */
export function grantCount(layout: Layout): number {
  const bySize = Math.max(1, Math.floor(MAX_BYTES / layout.pieceLength));
  return Math.min(ALLOWED_FAST_COUNT, Math.floor(layout.pieceCount / SHARE), bySize);
}

/** Whether a peer has too little to trade with. */
export function isNewcomer(peer: Peer): boolean {
  return peer.pieces.count < ALLOWED_FAST_COUNT;
}

/** A peer may ask for these pieces while it is choked. */
export function grant(peer: Peer, pieces: Iterable<number>, layout: Layout): void {
  for (const piece of pieces) peer.grants.set(piece, TIMES * layout.pieceSize(piece));
}

/** Whether a choked peer may have so many bytes of a piece; they are counted. */
export function spendGrant(peer: Peer, piece: number, bytes: number): boolean {
  const left = peer.grants.get(piece) ?? 0;
  if (left < bytes || !isNewcomer(peer)) return false;
  peer.grants.set(piece, left - bytes);
  return true;
}
