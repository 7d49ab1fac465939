/**
 * A tracker's answers in bencode, built from compact lists as they are stored.
 *
 * @module
 */
import { COMPACT4_LENGTH, COMPACT6_LENGTH, decodePeers } from "../../protocol/compact_peers.ts";
import type { AnnounceAnswer } from "../contract/ports.ts";
import { encodeBencode } from "../../protocol/bencode.ts";
import { formatHostPort, formatIp } from "../../protocol/address.ts";
import type { Part } from "./byte_writer.ts";

const encoder = new TextEncoder();

/** Peer IDs as an answer has them. */
export function peerIdsOf(
  peers: readonly { address: Uint8Array; port: number; peerId: Uint8Array }[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    peers.map(({ address, port, peerId }) => [formatHostPort(formatIp(address), port), peerId]),
  );
}

/**
 * The reply to an announce, in parts.
 *
 * @param compact whether the client takes compact lists (BEP 23)
 * @param externalIp the address it was seen at (BEP 24)
 */
export function announceReply(
  reply: AnnounceAnswer,
  compact: boolean,
  externalIp: Uint8Array,
): readonly Part[] {
  const { interval, seeders, leechers, completed, peers4, peers6, warning, trackerId } = reply;
  const minInterval = Math.max(3, Math.floor(interval / 2));
  if (!compact) {
    return [encodeBencode({
      complete: seeders,
      downloaded: completed,
      "external ip": externalIp,
      incomplete: leechers,
      interval,
      "min interval": minInterval,
      peers: [
        ...decodePeers(peers4, COMPACT4_LENGTH),
        ...decodePeers(peers6, COMPACT6_LENGTH),
      ].map(({ host, port }) => ({
        ip: host,
        "peer id": reply.peerIds?.get(formatHostPort(host, port)),
        port,
      })),
      "tracker id": trackerId,
      "warning message": warning,
    })];
  }
  // Keys in the order that bencode wants; no object per peer, and no copy until all is sent. One
  // array that never grows: most replies end with their IPv4 peers.
  const parts: Part[] = [
    "d8:completei",
    seeders,
    "e10:downloadedi",
    completed,
    externalIp.length === 4 ? "e11:external ip4:" : "e11:external ip16:",
    externalIp,
    "10:incompletei",
    leechers,
    "e8:intervali",
    interval,
    "e12:min intervali",
    minInterval,
    "e5:peers",
    peers4.length,
    ":",
    peers4,
    "e",
  ];
  if (peers6.length > 0 || trackerId !== undefined || warning !== undefined) {
    parts.pop();
    if (peers6.length > 0) parts.push("6:peers6", peers6.length, ":", peers6);
    if (trackerId !== undefined) parts.push("10:tracker id", trackerId.length, ":", trackerId);
    if (warning !== undefined) {
      const text = encoder.encode(warning);
      parts.push("15:warning message", text.length, ":", text);
    }
    parts.push("e");
  }
  return parts;
}

/**
 * A refusal that the client shows its user.
 *
 * @param retryIn minutes after which it may ask again, or `"never"` (BEP 31); undefined leaves that
 * to the client
 */
export function failureReply(
  reason: string,
  retryIn?: number | "never",
): readonly Uint8Array[] {
  return [encodeBencode({ "failure reason": reason, "retry in": retryIn })];
}
