/**
 * Address scope: which addresses we believe from whom. A distant peer knows nothing of our
 * networks.
 *
 * @module
 */
import { type AddressClass, classifyIp, isDialable, parseIp } from "../../protocol/address.ts";

/** How far an address reaches: nowhere, this machine, the networks around it, everywhere. */
export const SCOPE = { nowhere: -1, machine: 0, network: 1, world: 2 } as const;

const SCOPES: Readonly<Record<AddressClass, number>> = {
  "unspecified": SCOPE.nowhere,
  "multicast": SCOPE.nowhere,
  "broadcast": SCOPE.nowhere,
  "loopback": SCOPE.machine,
  "link-local": SCOPE.network,
  "private": SCOPE.network,
  "public": SCOPE.world,
};

/** The {@linkcode SCOPE} of an address; what is no address reaches nowhere. */
export function scopeOf(host: string): number {
  const ip = parseIp(host);
  if (ip === undefined) return SCOPE.nowhere;
  // fec0::/10 was once what fc00::/7 is now.
  if (ip.length === 16 && ip[0] === 0xfe && ip[1]! >= 0xc0) return SCOPE.network;
  return SCOPES[classifyIp(translated(ip))];
}

/** Prefixes of IPv6 addresses in which an IPv4 address stands, and where it begins. */
const TRANSLATIONS: readonly { readonly prefix: readonly number[]; readonly at: number }[] = [
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 }, // RFC 6052
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], at: 12 }, // RFC 8215
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0], at: 12 }, // RFC 2765
  { prefix: [0x20, 0x02], at: 2 }, // RFC 3056
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 }, // RFC 4291, "IPv4-compatible"
];

/** The IPv4 address to which a gateway would hand on what is sent to `ip`; otherwise `ip`. */
function translated(ip: Uint8Array): Uint8Array {
  // Of the addresses that begin with twelve zeros, :: and ::1 mean themselves.
  if (ip.length === 4 || ip.subarray(0, 15).every((byte) => byte === 0)) return ip;
  const way = TRANSLATIONS.find(({ prefix }) => prefix.every((byte, i) => ip[i] === byte));
  return way === undefined ? ip : ip.subarray(way.at, way.at + 4);
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
