/**
 * How much our DHT node answers: a question can come in another's name, and answers are longer.
 *
 * @module
 */
import { addressKey } from "./address_key.ts";
import { SCOPE, scopeOf } from "./address_scope.ts";

/** Questions of one host in a second; those of our own networks may be many programs. */
const PER_HOST = 10;
const PER_LOCAL_HOST = 100;
/** Hosts heard in a second, and bytes of answers to all. */
const MAX_HOSTS = 500;
const MAX_BYTES = 100_000;

/** Counts, second by second. */
export class DhtQuota {
  #second = 0;
  #bytes = 0;
  readonly #asked = new Map<string, number>();

  /** Whether a question of `host` may be answered. */
  mayAnswer(host: string, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytes = 0;
      this.#asked.clear();
    }
    const key = addressKey(host);
    const count = (this.#asked.get(key) ?? 0) + 1;
    if (count > (isPublic(host) ? PER_HOST : PER_LOCAL_HOST)) return false;
    if (this.#bytes >= MAX_BYTES || (count === 1 && this.#asked.size >= MAX_HOSTS)) return false;
    this.#asked.set(key, count);
    return true;
  }

  /** So many bytes were answered. */
  spend(bytes: number): void {
    this.#bytes += bytes;
  }
}

function isPublic(host: string): boolean {
  const scope = scopeOf(host);
  return scope === SCOPE.world || scope === SCOPE.nowhere;
}
