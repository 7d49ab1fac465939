/**
 * Address towards a peer: our own address that packets to it most likely come from. Pure.
 *
 * @module
 */
import { parseIp } from "../../protocol/mod.ts";

/**
 * The one of `own` that has the most leading bits in common with `remote`; this machine's loopback
 * where none is of its family.
 */
export function addressTowards(remote: string, own: readonly string[]): string {
  const target = parseIp(remote);
  const isV6 = target?.length === 16;
  let best = isV6 ? "::1" : "127.0.0.1";
  let most = -1;
  for (const address of own) {
    const bytes = parseIp(address);
    if (target === undefined || bytes?.length !== target.length) continue;
    const bits = commonBits(bytes, target);
    if (bits > most) [best, most] = [address, bits];
  }
  return best;
}

function commonBits(a: Uint8Array, b: Uint8Array): number {
  let bits = 0;
  for (const [index, byte] of a.entries()) {
    const difference = byte ^ b[index]!;
    if (difference !== 0) return bits + Math.clz32(difference) - 24;
    bits += 8;
  }
  return bits;
}
