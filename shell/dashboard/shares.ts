/**
 * Shares of a full table: the address with the most entries gives one up to an address with fewer.
 *
 * @module
 */
import { classifyIp, parseIp } from "../../protocol/mod.ts";

/** The same for all addresses of one host, as text: a /64 of IPv6 is one. */
export function hostOf(address: string): string {
  const bytes = parseIp(address);
  if (bytes === undefined) return address;
  return (bytes.length === 4 ? bytes : bytes.subarray(0, 8)).toHex();
}

/** Whether an address is this machine's own. */
export function isHere(address: string): boolean {
  const bytes = parseIp(address);
  return bytes !== undefined && classifyIp(bytes) === "loopback";
}

/**
 * Which of the places gives way to a newcomer: the oldest of the host with the most; undefined where
 * the newcomer's host has as many. This machine's own places never give way to others.
 *
 * @param places addresses, the oldest first
 */
export function lowestPriority<T extends { readonly address: string }>(
  places: Iterable<T>,
  newcomer: string,
): T | undefined {
  const byHost = new Map<string, T[]>();
  for (const place of places) {
    const host = hostOf(place.address);
    const others = byHost.get(host);
    if (others === undefined) byHost.set(host, [place]);
    else others.push(place);
  }
  const own = byHost.get(hostOf(newcomer))?.length ?? 0;
  let most: T[] = [];
  for (const there of byHost.values()) {
    if (isHere(there[0]!.address)) continue;
    if (there.length > most.length) most = there;
  }
  const isWelcome = isHere(newcomer) || own + 1 < most.length;
  return isWelcome ? most[0] : undefined;
}
