/**
 * Address share: what counts as one address (an IPv6 /64 is one) where connections are shared out.
 *
 * @module
 */
import { parseIp } from "../../protocol/address.ts";

/** The same for all that one host may call itself: whoever has one IPv6 address has a /64 of them. */
export function addressKey(host: string): string {
  const ip = parseIp(host);
  return ip?.length === 16 ? ip.subarray(0, 8).toHex() : host;
}
