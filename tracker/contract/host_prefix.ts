/**
 * The text of a host, for people and records.
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
