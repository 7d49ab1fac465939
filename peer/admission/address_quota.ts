/**
 * Address quota: how many calls we answer per address and in all, where an answer costs us more
 * than the call costs the caller.
 *
 * @module
 */
import { TokenBucket } from "../rate/token_bucket.ts";

/** Calls that are answered at once, then in each second. */
export interface Rates {
  /** Of one address. */
  readonly burst: number;
  readonly perSecond: number;
  /** Of all together. */
  readonly burstOfAll: number;
  readonly perSecondOfAll: number;
}

/**
 * Encrypted calls: each costs us half a millisecond of arithmetic, and the caller 96 bytes. A
 * classroom may call at once; all together take 5 % of a processor.
 */
export const KEY_AGREEMENTS: Rates = {
  ...{ burst: 64, perSecond: 16 },
  ...{ burstOfAll: 256, perSecondOfAll: 100 },
};

/**
 * uTP packets that belong to no connection: for each SYN we make a connection, for the rest a reset.
 * Whoever is honest says its SYN again a second later.
 */
export const UTP_STRANGERS: Rates = {
  ...{ burst: 128, perSecond: 64 },
  ...{ burstOfAll: 512, perSecondOfAll: 400 },
};

/** Addresses kept in mind. */
const MAX_ADDRESSES = 256;

/** Counts the calls of all addresses. */
export class AddressQuota {
  readonly #rates: Rates;
  readonly #all: TokenBucket;
  /** In the order of their last call. */
  readonly #byAddress = new Map<string, TokenBucket>();

  constructor(rates: Rates) {
    this.#rates = rates;
    this.#all = new TokenBucket(rates.burstOfAll, rates.perSecondOfAll);
  }

  /** Whether one more of an address is answered. @param address see `addressKey` */
  take(address: string, now: number): boolean {
    const { burst, perSecond } = this.#rates;
    const own = this.#byAddress.get(address) ?? new TokenBucket(burst, perSecond);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, own);
    if (this.#byAddress.size > MAX_ADDRESSES) {
      this.#byAddress.delete(this.#byAddress.keys().next().value!);
    }
    return this.#all.has(1, now) && own.take(1, now) && this.#all.take(1, now);
  }
}
