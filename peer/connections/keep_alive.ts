/**
 * Keep-alive (BEP 3): whether a connection is still of use. Neither side is silent for long, and
 * one of them lacks something.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import type { Peer } from "../peers/peer.ts";

/** A peer that says nothing for this long is gone; we say something twice as often. In ms. */
const IDLE_MS = 120_000;
const KEEP_ALIVE_MS = 60_000;

/** ms that two peers who want nothing stay connected: time for what was just said. */
const BOTH_DONE_MS = 10_000;

/**
 * Says something where it is time, or closes a connection that went silent or is of no more use;
 * whether it is open.
 *
 * @param isDone whether we have all that we want, and said so
 */
export function keepAlive(
  peer: Peer,
  connection: Connection,
  now: number,
  isDone = false,
): boolean {
  const usedAt = Math.max(peer.connectedAt, peer.lastBlockAt);
  // BEP 21: a partial seed wants nothing, either. Who is interested all the same is mistaken only
  // where it has everything.
  const isDoneToo = peer.isSeed || peer.uploadOnly && !peer.peerInterested;
  if (isDone && isDoneToo && now - usedAt > BOTH_DONE_MS) {
    connection.close(peer.isSeed ? "both are seeds" : "neither is interested");
    return false;
  }
  if (now - peer.lastHeardAt > IDLE_MS) {
    connection.close("no message for two minutes");
    return false;
  }
  if (now - peer.lastSaidAt > KEEP_ALIVE_MS) {
    connection.writer.keepAlive();
    peer.lastSaidAt = now;
  }
  return true;
}
