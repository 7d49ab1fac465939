/**
 * Names of hosts to addresses.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { parseIp } from "../../protocol/compact.ts";

/** All addresses of a host, as the system knows them; none where it knows none. */
export async function resolveHost(host: string): Promise<string[]> {
  if (parseIp(host) !== undefined) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
