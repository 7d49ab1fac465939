/**
 * Which addresses one peer may believe from another: who is far away knows nothing of our networks.
 *
 * @module
 */
import { type AddressClass, classifyIp, isDialable, parseIp } from "../../protocol/compact.ts";

/** The wider, the higher; an address means something only to those inside its scope. */
const SCOPES: Readonly<Record<AddressClass, number>> = {
  "unspecified": -1,
  "multicast": -1,
  "broadcast": -1,
  "loopback": 0,
  "link-local": 1,
  "private": 1,
  "public": 2,
};

function scopeOf(host: string): number {
  const ip = parseIp(host);
  return ip === undefined ? -1 : SCOPES[classifyIp(ip)];
}

/**
 * Whether an address may be told to, or believed from, a peer at `other`: loopback addresses only
 * on this machine, private ones only in private networks, and none that nobody can dial.
 */
export function isInScope(address: { host: string; port: number }, other: string): boolean {
  const ip = parseIp(address.host);
  if (ip === undefined || !isDialable(ip, address.port)) return false;
  return scopeOf(address.host) >= scopeOf(other);
}
