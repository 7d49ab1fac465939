/**
 * Neither side of a connection is silent for long (BEP 3).
 *
 * @module
 */
import type { Connection } from "./io/connection.ts";
import type { Peer } from "./logic/peer.ts";

/** A peer that says nothing for this long is gone; we say something twice as often. In ms. */
const IDLE_MS = 120_000;
const KEEP_ALIVE_MS = 60_000;

/** Says something where it is time, or closes a connection that went silent; whether it is open. */
export function keepAlive(peer: Peer, connection: Connection, now: number): boolean {
  if (now - peer.lastHeardAt > IDLE_MS) {
    connection.close("silent for two minutes");
    return false;
  }
  if (now - peer.lastSaidAt > KEEP_ALIVE_MS) {
    connection.writer.keepAlive();
    peer.lastSaidAt = now;
  }
  return true;
}
