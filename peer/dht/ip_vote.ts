/**
 * External IP in the DHT (BEP 42): our address as other nodes see it, believed where several agree.
 *
 * @module
 */
import { addressKey } from "../admission/address_key.ts";
import { equalBytes } from "../../protocol/bytes20.ts";
import { AddressVotes } from "../peers/address_votes.ts";

/** Who has to say so. */
const MIN_VOTES = 3;
/** Opinions kept. */
const MAX_VOTES = 30;

/** The opinions of many; one host has one. */
export class IpVote {
  readonly #votes = new AddressVotes(MAX_VOTES);

  /** `host` sees us at `ip`. The address that most see, where it is clear. */
  hear(ip: Uint8Array, host: string): Uint8Array | undefined {
    this.#votes.hear(addressKey(host), ip);
    const votes = this.#votes.leader((one) => equalBytes(one, ip))?.votes ?? 0;
    return votes >= MIN_VOTES && 2 * votes > this.#votes.size ? ip : undefined;
  }
}
