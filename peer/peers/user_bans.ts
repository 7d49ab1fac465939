/**
 * User bans: peers that a person has sent away, for as long as the program runs.
 *
 * @module
 */

/** One of them, as it was when it was sent away. */
export interface UserBan {
  /** Its 20 bytes in hex. */
  readonly peerId: string;
  readonly host: string;
  readonly port: number;
  /** How people know it: the ID it was started with, or its client. */
  readonly label: string;
}

/** Known by ID and by address, never by host alone: others live there, too. */
export class UserBans implements Iterable<UserBan> {
  readonly #peers = new Map<string, UserBan>();

  [Symbol.iterator](): Iterator<UserBan> {
    return this.#peers.values();
  }

  add(peer: UserBan): void {
    this.#peers.set(peer.peerId, peer);
  }

  delete(peerId: string): void {
    this.#peers.delete(peerId);
  }

  /** @param peerId hex, where it is known */
  has(host: string, port: number, peerId: string | undefined): boolean {
    if (this.#peers.size === 0) return false;
    if (peerId !== undefined && this.#peers.has(peerId)) return true;
    for (const peer of this.#peers.values()) {
      if (peer.port === port && peer.host === host) return true;
    }
    return false;
  }
}
