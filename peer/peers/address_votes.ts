/**
 * Address votes: what others say our own address is, one vote each, the latest kept.
 *
 * @module
 */
import { formatIp } from "../../protocol/address.ts";

/** The votes of the last few that told us. */
export class AddressVotes {
  readonly #votes = new Map<string, Uint8Array>();
  readonly #most: number;

  /** @param most votes kept; the oldest goes first */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#votes.size;
  }

  /**
   * `voter` sees us at `ip` (4 or 16 bytes).
   *
   * @returns the voter's vote before, if it had one
   */
  hear(voter: string, ip: Uint8Array): Uint8Array | undefined {
    const before = this.#votes.get(voter);
    this.#votes.delete(voter);
    this.#votes.set(voter, ip.slice());
    for (const oldest of this.#votes.keys()) {
      if (this.#votes.size <= this.#most) break;
      this.#votes.delete(oldest);
    }
    return before;
  }

  /** The address with most votes among those that `counts`, the first told first, and its votes. */
  leader(
    counts: (ip: Uint8Array) => boolean = () => true,
  ): { ip: Uint8Array; votes: number } | undefined {
    const tally = new Map<string, { ip: Uint8Array; votes: number }>();
    for (const ip of this.#votes.values()) {
      if (!counts(ip)) continue;
      const key = formatIp(ip);
      tally.set(key, { ip, votes: (tally.get(key)?.votes ?? 0) + 1 });
    }
    let best: { ip: Uint8Array; votes: number } | undefined;
    for (const vote of tally.values()) if (vote.votes > (best?.votes ?? 0)) best = vote;
    return best;
  }
}
