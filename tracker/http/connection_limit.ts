/**
 * Connection limit: how many HTTP connections one address and all together may hold.
 *
 * @module
 */
import { classifyIp } from "../../protocol/address.ts";

/** Why a connection is not taken. */
export type Excess = "address" | "all";

/**
 * Counts connections by address. A host has a whole /64 of IPv6 addresses to itself, so these count
 * as one. Loopback addresses may hold as many as all together: they are this host's own peers, or a
 * proxy on it.
 */
export class ConnectionLimit {
  readonly #perAddress: number;
  readonly #total: number;
  readonly #counts = new Map<string, number>();
  #size = 0;

  /** @param limits connections at most; Infinity for no limit */
  constructor(limits: { perAddress: number; total: number }) {
    this.#perAddress = limits.perAddress;
    this.#total = limits.total;
  }

  /** Connections held. */
  get size(): number {
    return this.#size;
  }

  /** Takes one in, or says of what there are too many. Give back each that was taken in. */
  take(address: Uint8Array): Excess | undefined {
    if (this.#size >= this.#total) return "all";
    if (this.#isCounted(address)) {
      const key = hostKey(address);
      const count = this.#counts.get(key) ?? 0;
      if (count >= this.#perAddress) return "address";
      this.#counts.set(key, count + 1);
    }
    this.#size++;
    return undefined;
  }

  giveBack(address: Uint8Array): void {
    this.#size--;
    if (!this.#isCounted(address)) return;
    const key = hostKey(address);
    const count = this.#counts.get(key)! - 1;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }

  #isCounted(address: Uint8Array): boolean {
    return this.#perAddress < this.#total && classifyIp(address) !== "loopback";
  }
}

/** The same for all addresses of one host: a /64 of IPv6 is one. */
export function hostKey(address: Uint8Array): string {
  return String.fromCharCode(...address.subarray(0, address.length === 4 ? 4 : 8));
}
