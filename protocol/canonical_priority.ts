/**
 * Peer priority, the hash (BEP 40).
 *
 * @module
 */
import { crc32c } from "./crc32c.ts";

/** One end of a connection. */
export interface PriorityEndpoint {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array;
  readonly port: number;
}

/**
 * The priority of the connection between two endpoints of one address family, from 0 to 2^32 − 1;
 * the higher is kept.
 */
export function canonicalPriority(a: PriorityEndpoint, b: PriorityEndpoint): number {
  const length = a.ip.length;
  let common = 0;
  while (common < length && a.ip[common] === b.ip[common]) common++;
  if (common === length) {
    return crc32c(sorted(portBytes(a.port), portBytes(b.port)));
  }
  // The nearer two addresses are, the more of them counts: whoever owns a block of addresses gains
  // little by dialling from all of them. Beyond the /16 or /48, one byte more for each byte shared.
  const whole = Math.max(length === 4 ? 2 : 6, common + 1);
  return crc32c(sorted(masked(a.ip, whole), masked(b.ip, whole)));
}

/** The address with `whole` bytes as they are and every second bit of the others. */
function masked(ip: Uint8Array, whole: number): Uint8Array {
  return ip.map((byte, index) => index < whole ? byte : byte & 0x55);
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff);
}

/** Both, the smaller first, so that the ends agree. */
function sorted(a: Uint8Array, b: Uint8Array): Uint8Array {
  const difference = a.findIndex((byte, index) => byte !== b[index]);
  const [first, second] = difference < 0 || a[difference]! < b[difference]! ? [a, b] : [b, a];
  return Uint8Array.of(...first, ...second);
}
