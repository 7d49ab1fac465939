/**
 * What names a host: its address, or the /64 that it has to itself.
 *
 * @module
 */
import { formatIp } from "../../protocol/compact.ts";

/** An IPv4 address, or the /64 that a host has to itself, as in `fd00::/64`. */
export function hostPrefix(address: Uint8Array): string {
  if (address.length === 4) return formatIp(address);
  const prefix = new Uint8Array(16);
  prefix.set(address.subarray(0, 8));
  return `${formatIp(prefix)}/64`;
}

/** Bytes of an address that name its host: a /64 of IPv6 is one. */
export function hostLength(width: number): number {
  return width === 4 ? 4 : 8;
}

/** Whether a compact record is of the host of an address. */
export function isSameHost(record: Uint8Array, address: Uint8Array): boolean {
  const end = hostLength(address.length);
  for (let i = 0; i < end; i++) if (record[i] !== address[i]) return false;
  return true;
}
