/**
 * Tracker discovery plan: which addresses to ask for a tracker, and which of several to choose.
 *
 * @module
 */
import { classifyIp, formatIp, parseIp } from "../../protocol/address.ts";

/** An address of this host with the length of its network's prefix in bits. */
export interface OwnNetwork {
  readonly address: string;
  readonly prefix: number;
}

/** A tracker that answered. */
export interface FoundTracker {
  readonly host: string;
  readonly port: number;
  /** What tells it from others, whichever address it answers from; undefined where it cannot say. */
  readonly instance: number | undefined;
  /** ms from question to answer. */
  readonly ms: number;
}

/**
 * The broadcast addresses of the IPv4 networks that a peer on `host` can be reached from: all of
 * this host's, or only that of the one address it listens on. None for a peer on loopback: nothing
 * of it leaves this machine.
 */
export function broadcastAddresses(
  own: readonly OwnNetwork[],
  host: string | undefined,
): string[] {
  const listens = host === undefined ? undefined : parseIp(host);
  const everywhere = listens === undefined || classifyIp(listens) === "unspecified";
  const found = new Set<string>();
  for (const { address, prefix } of own) {
    const ip = parseIp(address);
    // A network of one or two addresses (a tunnel) has nobody to broadcast to.
    if (ip?.length !== 4 || prefix < 1 || prefix > 30 || classifyIp(ip) === "loopback") continue;
    if (!everywhere && formatIp(ip) !== formatIp(listens)) continue;
    found.add(formatIp(ip.map((byte, i) => byte | 0xff >> clamp(prefix - 8 * i, 0, 8))));
  }
  return [...found];
}

/**
 * Each tracker once, the nearest first: on loopback, on another address of this host, then by the
 * time it took to answer.
 */
export function nearestFirst(
  found: readonly FoundTracker[],
  own: readonly OwnNetwork[],
): FoundTracker[] {
  const addresses = new Set(own.map(({ address }) => address));
  const distance = ({ host }: FoundTracker) =>
    host.startsWith("127.") ? 0 : addresses.has(host) ? 1 : 2;
  const sorted = [...found].sort((a, b) => distance(a) - distance(b) || a.ms - b.ms);
  const places = new Set<string>();
  const instances = new Set<number>();
  return sorted.filter(({ host, port, instance }) => {
    const place = `${host}:${port}`;
    const known = places.has(place) || (instance !== undefined && instances.has(instance));
    places.add(place);
    if (instance !== undefined) instances.add(instance);
    return !known;
  });
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
