/**
 * Sending single peers away, from all torrents, and letting them come back.
 *
 * @module
 */
import type { Links } from "./links.ts";
import type { Unwelcome, UnwelcomePeer } from "./logic/unwelcome.ts";

/** Peers that are neither called nor let in. Forgotten with the end of the program. */
export class SentAway implements Iterable<UnwelcomePeer> {
  readonly #unwelcome: Unwelcome;
  readonly #links: () => Iterable<Links>;
  readonly #now: () => number;

  /** @param links the connections of everything that the engine has */
  constructor(unwelcome: Unwelcome, links: () => Iterable<Links>, now: () => number) {
    this.#unwelcome = unwelcome;
    this.#links = links;
    this.#now = now;
  }

  [Symbol.iterator](): Iterator<UnwelcomePeer> {
    return this.#unwelcome[Symbol.iterator]();
  }

  /** Hangs up on a peer. */
  add(peer: UnwelcomePeer): void {
    this.#unwelcome.add(peer);
    for (const links of this.#links()) links.sendAway(peer.peerId);
  }

  /** Lets it come back, and calls it where it is known to listen. */
  readmit({ peerId }: UnwelcomePeer): void {
    this.#unwelcome.delete(peerId);
    for (const links of this.#links()) links.pool.reconsider(this.#now());
  }
}
