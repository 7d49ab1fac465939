/**
 * DHT node IDs: their distance (XOR), and which IDs an address may have (BEP 42).
 *
 * @module
 */
import { classifyIp } from "../../protocol/address.ts";
import { crc32c } from "../../protocol/crc32c.ts";
import { NODE_ID_LENGTH } from "../../protocol/krpc.ts";

const MASK4 = [0x03, 0x0f, 0x3f, 0xff];
const MASK6 = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

/** How many leading bits two IDs share, 0 to 160. */
export function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < NODE_ID_LENGTH; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return 8 * NODE_ID_LENGTH;
}

/** Negative where `a` is nearer to `target` than `b` (BEP 5: by XOR). */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < NODE_ID_LENGTH; i++) {
    const difference = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** An ID by chance. `random` is uniform in [0, 1). */
export function randomId(random: () => number): Uint8Array {
  return Uint8Array.from({ length: NODE_ID_LENGTH }, () => Math.floor(random() * 256));
}

/**
 * An ID that belongs to the address `ip` (BEP 42), so that nobody can choose whose neighbour he is.
 * Any will do in local networks.
 */
export function idForIp(ip: Uint8Array, random: () => number): Uint8Array {
  const id = randomId(random);
  if (!isBound(ip)) return id;
  const [first, second, third] = prefixFor(ip, id[19]!);
  id[0] = first;
  id[1] = second;
  id[2] = (third & 0xf8) | (id[2]! & 0x07);
  return id;
}

/** Whether a node at `ip` may have this ID. */
export function fitsIp(id: Uint8Array, ip: Uint8Array): boolean {
  if (!isBound(ip)) return true;
  const [first, second, third] = prefixFor(ip, id[19]!);
  return id[0] === first && id[1] === second && (id[2]! & 0xf8) === (third & 0xf8);
}

/** BEP 42 leaves local networks out. */
function isBound(ip: Uint8Array): boolean {
  return classifyIp(ip) === "public";
}

/** The first bytes that an ID with this last byte has to have. */
function prefixFor(ip: Uint8Array, last: number): [number, number, number] {
  const mask = ip.length === 4 ? MASK4 : MASK6;
  const masked = Uint8Array.from(mask, (bits, i) => ip[i]! & bits);
  masked[0]! |= (last & 7) << 5;
  const crc = crc32c(masked);
  return [crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff];
}
