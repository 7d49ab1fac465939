/**
 * Overdue requests: the requests of a peer that we no longer wait for.
 *
 * @module
 */
import type { OutstandingRequest, Peer } from "../peers/peer.ts";

/** ms after a choke, beside its usual delay, by which a peer that speaks BEP 6 has refused the rest. */
const CHOKED_MS = 3_000;

/**
 * Requests to be given up, by their keys: lost ones, those of before a choke, and all of them where
 * the peer is silent. Notes in `peer.answers` what that says of it.
 *
 * @param facts.isReplaced somebody else gives, and has nothing better to give than what this one was
 * asked for
 * @param facts.wait ms in which what others were asked for comes over our line
 */
export function overdueOf(
  peer: Peer,
  now: number,
  facts: { isReplaced?: boolean; wait?: number } = {},
): [number, OutstandingRequest][] {
  const { requests, answers } = peer;
  if (requests.size === 0) return [];
  if (answers.isSilent(peer.lastBlockAt, now, facts)) {
    answers.fellSilent();
    peer.snubbed = true;
    peer.window.close();
    return [...requests];
  }
  const isChoked = peer.peerChoking && now - peer.chokedAt >= CHOKED_MS + (peer.latency ?? 0);
  const found: [number, OutstandingRequest][] = [];
  for (const [key, asked] of requests) {
    const isLost = answers.isOvertaken(asked, now);
    // They stand in the order in which they were said: none after it was overtaken, either.
    if (!isLost && !isChoked) break;
    if (isLost && !asked.released && asked.cancelledAt === undefined) answers.lost(asked);
    if (isLost || isChoked && !peer.allowedFast.has(asked.active.piece)) found.push([key, asked]);
  }
  return found;
}

/** How often a newcomer is asked for one more piece in a silence: it may have lost all of the first. */
const NEWCOMER_PROBES = 4;

/**
 * Whether to ask a silent peer for more than it should have (see `Answers`).
 *
 * @param wait ms in which what others were asked for comes over our line
 */
export function isToBeProbed(peer: Peer, now: number, isEndgame: boolean, wait = 0): boolean {
  const { requests, answers } = peer;
  if (requests.size === 0 || requests.size >= peer.maxRequests || peer.peerChoking) return false;
  return (peer.room <= 0 || isEndgame) &&
    answers.mayProbe(peer.lastBlockAt, now - wait, peer.isProven ? 1 : NEWCOMER_PROBES);
}
