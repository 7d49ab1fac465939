/**
 * DHT tokens (BEP 5): a node that announces proves with one that it was asked at its address.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { dropOldest } from "./drop_oldest.ts";

/** BEP 5: tokens of the last ten minutes are accepted, and renewed after five. */
const TOKEN_MS = 600_000;
const RENEW_MS = 300_000;
const MAX_TOKENS = 5000;
const TOKEN_LENGTH = 8;

/** The tokens given out, the oldest forgotten first. */
export class DhtTokens {
  readonly #tokens = new Map<string, { token: Uint8Array; at: number }>();
  readonly #random: () => number;

  /** @param random uniform in [0, 1), hard to guess */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The token for an address. */
  tokenFor(host: string, now: number): Uint8Array {
    const known = this.#tokens.get(host);
    if (known !== undefined && now - known.at < RENEW_MS) return known.token;
    const token = Uint8Array.from(
      { length: TOKEN_LENGTH },
      () => Math.floor(this.#random() * 256),
    );
    this.#tokens.delete(host);
    this.#tokens.set(host, { token, at: now });
    dropOldest(this.#tokens, MAX_TOKENS);
    return token;
  }

  /** Whether an address was given this token lately. */
  isTokenOf(host: string, token: Uint8Array, now: number): boolean {
    const known = this.#tokens.get(host);
    return known !== undefined && now - known.at < TOKEN_MS && equalBytes(known.token, token);
  }
}
