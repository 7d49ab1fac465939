/**
 * Own address: which of its addresses a tracker gives to which client.
 *
 * @module
 */
import { classifyIp, parseIp } from "../../protocol/address.ts";

/** An address of this host and the length of its network's prefix in bits. */
export interface OwnAddress {
  readonly bytes: Uint8Array;
  readonly prefix: number;
}

/** Our address in the asker's network, or else any of the same family; undefined for none. */
export function ownAddressFor(
  asker: Uint8Array,
  own: readonly OwnAddress[],
): Uint8Array | undefined {
  const family = own.filter(({ bytes }) => bytes.length === asker.length);
  return (family.find(({ bytes, prefix }) => sharePrefix(bytes, asker, prefix)) ?? family[0])
    ?.bytes;
}

/** Whether who asks from `asker` reaches a server that listens on `host` (an IP address). */
export function reachesHost(host: string, asker: Uint8Array, own: readonly OwnAddress[]): boolean {
  const ip = parseIp(host);
  if (ip === undefined) return false;
  const kind = classifyIp(ip);
  if (kind === "unspecified") return true;
  if (ip.length !== asker.length) return false;
  if (kind === "loopback") return classifyIp(asker) === "loopback";
  return own.some(({ bytes, prefix }) =>
    bytes.length === ip.length && bytes.every((byte, i) => byte === ip[i]) &&
    sharePrefix(bytes, asker, prefix)
  );
}

function sharePrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit));
    if (((a[bit >> 3]! ^ b[bit >> 3]!) & mask & 0xff) !== 0) return false;
  }
  return true;
}
