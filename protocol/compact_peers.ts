/**
 * Compact peers: lists of addresses as BEP 23 (IPv4) and BEP 7 (IPv6) write them.
 *
 * @module
 */
import { formatIp, isDialable, parseIp, type PeerAddress, unmapIp } from "./address.ts";

/** Bytes of one entry of a compact list: address and port. */
export const COMPACT4_LENGTH = 6;

/** As {@linkcode COMPACT4_LENGTH}, for IPv6. */
export const COMPACT6_LENGTH = 18;

/** Compact lists of peers: `peers` is BEP 23's, `peers6` BEP 7's. Peers without an IP are skipped. */
export function encodePeers(
  peers: Iterable<PeerAddress>,
): { peers: Uint8Array; peers6: Uint8Array } {
  const four: number[] = [];
  const six: number[] = [];
  for (const peer of peers) {
    const ip = parseIp(peer.host);
    if (ip) (ip.length === 4 ? four : six).push(...ip, peer.port >> 8, peer.port & 0xff);
  }
  return { peers: Uint8Array.from(four), peers6: Uint8Array.from(six) };
}

/**
 * The peers of a compact list; entries that nobody can dial are left out, as is a broken tail.
 *
 * @param entryLength {@linkcode COMPACT4_LENGTH} or {@linkcode COMPACT6_LENGTH}
 */
export function decodePeers(bytes: Uint8Array, entryLength: 6 | 18): PeerAddress[] {
  const peers: PeerAddress[] = [];
  for (let at = 0; at + entryLength <= bytes.length; at += entryLength) {
    const ip = unmapIp(bytes.subarray(at, at + entryLength - 2));
    const port = (bytes[at + entryLength - 2]! << 8) | bytes[at + entryLength - 1]!;
    if (isDialable(ip, port)) peers.push({ host: formatIp(ip), port });
  }
  return peers;
}
