/**
 * How many of one place there are among addresses that strangers name: whoever owns one address, or
 * a network of them, must not fill a list.
 *
 * @module
 */
import { parseIp } from "../../protocol/compact.ts";
import { addressKey } from "./address_key.ts";
import { SCOPE, scopeOf } from "./address_scope.ts";

/** What counts as one network: a /24, and a /48 of IPv6; undefined in our own networks. */
export function networkKey(host: string): string | undefined {
  const ip = parseIp(host);
  if (ip === undefined || scopeOf(host) !== SCOPE.world) return undefined;
  return ip.subarray(0, ip.length === 4 ? 3 : 6).toHex();
}

/** Whether two public addresses are of one host: see {@linkcode addressKey}. */
export function isSameHost(a: string, b: string): boolean {
  return addressKey(a) === addressKey(b) && networkKey(a) !== undefined;
}

/** The first of `items` of each address, up to `most` of one; all of those in our own networks. */
export function fewOfEach<T extends { readonly host: string }>(
  items: readonly T[],
  most: number,
): T[] {
  const counts = new Map<string, number>();
  return items.filter(({ host }) => {
    if (networkKey(host) === undefined) return true;
    const key = addressKey(host);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= most;
  });
}
