/**
 * Names of hosts to addresses.
 *
 * @module
 */
import { parseIp } from "../../protocol/address.ts";
import { tryOrder } from "./address_order.ts";

/** Finds the addresses of a host, as {@linkcode resolveHost} does. */
export type Resolve = (host: string, signal?: AbortSignal) => Promise<string[]>;

/** ms that a name server has to answer. */
const LOOKUP_MS = 5000;

/**
 * The addresses of a host, as the system knows them, in the order in which they are tried; none
 * where it knows none.
 *
 * @param host a name or an address, IPv6 also in brackets
 */
export async function resolveHost(host: string, signal?: AbortSignal): Promise<string[]> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (parseIp(bare) !== undefined) return [bare];
  const { lookup } = await import("node:dns/promises");
  const ended = Promise.withResolvers<[]>();
  const giveUp = () => ended.resolve([]);
  const timer = setTimeout(giveUp, LOOKUP_MS);
  signal?.addEventListener("abort", giveUp);
  try {
    const found = lookup(bare, { all: true }).catch(() => []);
    return tryOrder((await Promise.race([found, ended.promise])).map(({ address }) => address));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
