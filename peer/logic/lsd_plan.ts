/**
 * Which torrents to announce in the local networks, and when (BEP 14).
 *
 * @module
 */
import { MAX_LSD_HASHES } from "../../protocol/lsd.ts";
import { addressKey } from "./address_key.ts";

/** ms from a torrent's start to its first two announces, which peers that start with us need. */
const FIRST_MS = [1_000, 10_000] as const;
/** BEP 14: at most one announce of a torrent in five minutes. */
const INTERVAL_MS = 300_000;
/** Least ms between two packets. */
const GAP_MS = 1_000;
/** Packets of others that are read in a second: in all, and of one address. */
const MAX_HEARD = 50;
const MAX_OF_ADDRESS = 10;

/** When each torrent's turn is. */
export class LsdPlan {
  readonly #torrents = new Map<string, { sent: number; nextAt: number }>();
  #nextAt = 0;
  #second = 0;
  #heard = 0;
  readonly #heardOf = new Map<string, number>();

  /**
   * The torrents of the packet that is due now; none for no packet.
   *
   * @param running info hashes (hex) of what may be announced: public and running
   */
  next(running: readonly string[], now: number): string[] {
    const present = new Set(running);
    for (const known of this.#torrents.keys()) {
      if (!present.has(known)) this.#torrents.delete(known);
    }
    for (const infoHash of present) {
      if (this.#torrents.has(infoHash)) continue;
      this.#torrents.set(infoHash, { sent: 0, nextAt: now + FIRST_MS[0] });
    }
    if (now < this.#nextAt) return [];
    const due = [...this.#torrents].filter(([, { nextAt }]) => nextAt <= now)
      .slice(0, MAX_LSD_HASHES);
    for (const [, torrent] of due) {
      torrent.sent++;
      const again = FIRST_MS[torrent.sent];
      torrent.nextAt = now + (again === undefined ? INTERVAL_MS : again - FIRST_MS[0]);
    }
    if (due.length > 0) this.#nextAt = now + GAP_MS;
    return due.map(([infoHash]) => infoHash);
  }

  /** Whether one more packet of a host may be read in this second. */
  mayHear(host: string, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      [this.#second, this.#heard] = [second, 0];
      this.#heardOf.clear();
    }
    if (this.#heard >= MAX_HEARD) return false;
    const key = addressKey(host);
    const count = (this.#heardOf.get(key) ?? 0) + 1;
    if (count > MAX_OF_ADDRESS) return false;
    this.#heardOf.set(key, count);
    this.#heard++;
    return true;
  }
}
