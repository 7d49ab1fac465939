/**
 * Host prefix: a host's IPv4 address, or its IPv6 /64.
 *
 * @module
 */
import { formatIp } from "../../protocol/address.ts";

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
