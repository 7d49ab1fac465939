/**
 * Ban list: peers of one torrent that are proven to have sent wrong data.
 *
 * @module
 */
import { addressKey } from "../admission/address_key.ts";

/** ms that a ban lasts. */
const BAN_MS = 3_600_000;
/** Bans kept; the oldest go first. */
const MAX_BANS = 4096;

function keyOf(host: string, port: number): string {
  return `${host} ${port}`;
}

/** A peer ID at its address: alone it proves nothing, since anybody may take another's. */
function identityOf(host: string, peerId: string): string {
  return `${addressKey(host)} ${peerId}`;
}

/**
 * Bans by address and by peer ID at a host, never by host alone: other peers behind the same NAT are
 * innocent. Times are ms since the epoch.
 */
export class BanList {
  readonly #until = new Map<string, number>();

  /** Bans an address, and a peer ID (hex) at its host, for an hour. */
  add(host: string, port: number, peerId: string, now: number): void {
    for (const [key, until] of this.#until) {
      if (until > now && this.#until.size < MAX_BANS) break;
      this.#until.delete(key);
    }
    this.#until.set(keyOf(host, port), now + BAN_MS);
    this.#until.set(identityOf(host, peerId), now + BAN_MS);
  }

  /** Takes over what `other` has banned. */
  inherit(other: BanList): void {
    for (const [key, until] of other.#until) this.#until.set(key, until);
  }

  /** @param peerId hex, where it is known */
  has(host: string, port: number, peerId: string | undefined, now: number): boolean {
    return this.#lasts(keyOf(host, port), now) ||
      (peerId !== undefined && this.#lasts(identityOf(host, peerId), now));
  }

  /** Whether an address was ever banned, even where the ban has ended. */
  remembers(host: string, port: number): boolean {
    return this.#until.has(keyOf(host, port));
  }

  #lasts(key: string, now: number): boolean {
    const until = this.#until.get(key);
    return until !== undefined && now < until;
  }
}
