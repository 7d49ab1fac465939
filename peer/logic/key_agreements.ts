/**
 * How many encrypted calls are answered: each costs us half a millisecond of arithmetic, and the
 * caller 96 bytes.
 *
 * @module
 */
import { TokenBucket } from "./token_bucket.ts";

/** Of one address: a classroom that calls at once, then so many in a second. */
const BURST = 64;
const PER_SECOND = 16;
/** Of all together: 5 % of a processor. */
const BURST_OF_ALL = 256;
const PER_SECOND_OF_ALL = 100;
/** Addresses kept in mind. */
const MAX_ADDRESSES = 256;

/** Counts the key agreements of all addresses. */
export class KeyAgreements {
  readonly #all = new TokenBucket(BURST_OF_ALL, PER_SECOND_OF_ALL);
  /** In the order of their last call. */
  readonly #byAddress = new Map<string, TokenBucket>();

  /** Whether one more of an address is answered. @param address see `addressKey` */
  take(address: string, now: number): boolean {
    const own = this.#byAddress.get(address) ?? new TokenBucket(BURST, PER_SECOND);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, own);
    if (this.#byAddress.size > MAX_ADDRESSES) {
      this.#byAddress.delete(this.#byAddress.keys().next().value!);
    }
    return this.#all.has(1, now) && own.take(1, now) && this.#all.take(1, now);
  }
}
