/**
 * X-Forwarded-For: the client's address behind reverse proxies of ours.
 *
 * @module
 */
import { parseIp } from "../../protocol/address.ts";

/**
 * The address that the outermost of our `proxies` saw: the N-th from the right, since each adds the
 * address it is asked from at the end. What stands further left is the client's own claim. Undefined
 * where there is no such entry: then the request did not come through all of them.
 */
export function forwardedAddress(
  header: string | undefined,
  proxies: number,
): Uint8Array | undefined {
  if (header === undefined || proxies < 1) return undefined;
  const entry = header.split(",").at(-proxies)?.trim();
  if (entry === undefined) return undefined;
  // Some proxies add the port: 192.0.2.7:4711, [2001:db8::7]:4711.
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry)?.[1];
  const withPort = /^([0-9.]+):\d{1,5}$/.exec(entry)?.[1];
  return parseIp(bracketed ?? withPort ?? entry);
}
