/**
 * A tracker's answers in bencode, built from compact lists as they are stored.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { COMPACT4_LENGTH, COMPACT6_LENGTH, decodePeers } from "../../protocol/compact.ts";
import type { StoreReply } from "./swarm_store.ts";

const encoder = new TextEncoder();

/**
 * The reply to an announce.
 *
 * @param compact whether the client takes compact lists (BEP 23)
 * @param externalIp the address it was seen at (BEP 24)
 */
export function encodeAnnounceReply(
  reply: StoreReply,
  compact: boolean,
  externalIp: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { interval, seeders, leechers, completed, peers4, peers6 } = reply;
  const minInterval = Math.max(3, Math.floor(interval / 2));
  if (!compact) {
    return encodeBencode({
      complete: seeders,
      downloaded: completed,
      "external ip": externalIp,
      incomplete: leechers,
      interval,
      "min interval": minInterval,
      peers: [
        ...decodePeers(peers4, COMPACT4_LENGTH),
        ...decodePeers(peers6, COMPACT6_LENGTH),
      ].map(({ host, port }) => ({ ip: host, port })),
    });
  }
  // Keys in the order that bencode wants; two copies of peers and no object per peer.
  const head = encoder.encode(
    `d8:completei${seeders}e10:downloadedi${completed}e11:external ip${externalIp.length}:`,
  );
  const middle = encoder.encode(
    `10:incompletei${leechers}e8:intervali${interval}e12:min intervali${minInterval}e` +
      `5:peers${peers4.length}:`,
  );
  const tail = encoder.encode(peers6.length === 0 ? "e" : `6:peers6${peers6.length}:`);
  const parts = [head, externalIp, middle, peers4, tail];
  if (peers6.length > 0) parts.push(peers6, encoder.encode("e"));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A refusal that the client shows its user. */
export function encodeFailure(reason: string): Uint8Array<ArrayBuffer> {
  return encodeBencode({ "failure reason": reason });
}
