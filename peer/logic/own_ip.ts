/**
 * Our address as others see it: believed where several of them agree.
 *
 * @module
 */
import { addressKey } from "./address_key.ts";
import { formatIp } from "../../protocol/compact.ts";

/** Who has to say so. */
const MIN_VOTES = 3;
/** Opinions kept. */
const MAX_VOTES = 30;

/** The opinions of many; one host has one. */
export class OwnIp {
  readonly #votes = new Map<string, Uint8Array>();

  /** `host` sees us at `ip`. The address that most see, where it is clear. */
  hear(ip: Uint8Array, host: string): Uint8Array | undefined {
    const voter = addressKey(host);
    this.#votes.delete(voter);
    this.#votes.set(voter, ip);
    for (const oldest of this.#votes.keys()) {
      if (this.#votes.size <= MAX_VOTES) break;
      this.#votes.delete(oldest);
    }
    const counts = new Map<string, number>();
    for (const vote of this.#votes.values()) {
      const text = formatIp(vote);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const mine = counts.get(formatIp(ip))!;
    return mine >= MIN_VOTES && 2 * mine > this.#votes.size ? ip : undefined;
  }
}
