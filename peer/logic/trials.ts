/**
 * Trust in what peers send, before and after it was proven: whoever never gave a block of a right
 * piece is asked for one piece at a time, so that a liar can spoil no more than that.
 *
 * A ban ends a connection, not a liar, who is back under another ID at once. An address is never shut
 * out for that, since a whole class may share one; but where two were found to lie, its newcomers are
 * tried one after the other, those that we called first, the next one later each time that one lied. Whoever is proven is
 * asked like anybody else.
 *
 * @module
 */
import type { Peer } from "./peer.ts";

/** Liars of one address from which on its newcomers are tried one by one. */
const MANY_LIES = 2;
/** ms until the next trial after the first lies; twice as long after each more. */
const FIRST_WAIT_MS = 4000;
const LONGEST_WAIT_MS = 60_000;
/** ms that one trial takes at most; of one that gives nothing at all. */
const TRIAL_MS = 10_000;
const SILENT_MS = 2000;
/** Addresses kept in mind, and for how long after the last lie (ms). */
const MAX_ADDRESSES = 1000;
const MEMORY_MS = 3_600_000;

interface Suspect {
  lies: number;
  lastAt: number;
  nextAt: number;
  trial: Peer | undefined;
  trialSince: number;
  /** Bytes that it had given before. */
  trialFrom: number;
}

/** One torrent's. */
export class Trials {
  readonly #blocks: number;
  readonly #suspects = new Map<string, Suspect>();
  /** How often each peer was tried. */
  readonly #tried = new WeakMap<Peer, number>();

  /** @param blocksPerPiece what an unproven peer is asked for at a time */
  constructor(blocksPerPiece: number) {
    this.#blocks = blocksPerPiece;
  }

  /** A peer came: until it is proven it is asked for one piece at a time, or waits for its trial. */
  welcome(peer: Peer): void {
    peer.credit = this.#isSuspect(peer) ? 0 : this.#blocks;
  }

  /** A peer of an address was proven to lie. */
  lied(address: string, now: number): void {
    const before = this.#suspects.get(address);
    this.#suspects.delete(address);
    const lies = (before?.lies ?? 0) + 1;
    const wait = FIRST_WAIT_MS * 2 ** Math.min(16, Math.max(0, lies - MANY_LIES));
    const nextAt = now + Math.min(LONGEST_WAIT_MS, wait);
    this.#suspects.set(address, {
      ...{ lies, lastAt: now, nextAt },
      ...{ trial: undefined, trialSince: now, trialFrom: 0 },
    });
    if (this.#suspects.size > MAX_ADDRESSES) {
      this.#suspects.delete(this.#suspects.keys().next().value!);
    }
  }

  /** A second has passed: whose trial it is at each suspect address. */
  tick(peers: Iterable<Peer>, now: number): void {
    if (this.#suspects.size === 0) return;
    const waiting = new Map<string, Peer[]>();
    for (const peer of peers) {
      if (peer.isProven || !this.#isSuspect(peer)) continue;
      const there = waiting.get(peer.addressKey);
      if (there === undefined) waiting.set(peer.addressKey, [peer]);
      else there.push(peer);
      if (this.#suspects.get(peer.addressKey)!.trial !== peer) peer.credit = 0;
    }
    for (const [address, suspect] of this.#suspects) {
      if (now - suspect.lastAt > MEMORY_MS) this.#suspects.delete(address);
      const { trial } = suspect;
      if (trial !== undefined && this.#isOver(trial, suspect, now)) suspect.nextAt = now;
      if (now < suspect.nextAt) continue;
      const next = this.#next((waiting.get(address) ?? []).filter((peer) => peer !== trial));
      if (next === undefined) continue;
      if (trial !== undefined && !trial.isProven) trial.credit = 0;
      suspect.trial = next;
      suspect.trialSince = now;
      suspect.trialFrom = next.down.total;
      suspect.nextAt = now + TRIAL_MS;
      this.#tried.set(next, (this.#tried.get(next) ?? 0) + 1);
      next.credit = this.#blocks;
    }
  }

  #isOver(trial: Peer, { trialSince, trialFrom }: Suspect, now: number): boolean {
    return trial.isProven || trial.down.total === trialFrom && now - trialSince >= SILENT_MS;
  }

  /** Whoever was tried least; of these one that we called, since anybody may call us. */
  #next(waiting: readonly Peer[]): Peer | undefined {
    const worth = (peer: Peer) => 2 * (this.#tried.get(peer) ?? 0) + Number(peer.incoming);
    return waiting.filter(({ peerChoking }) => !peerChoking)
      .reduce<Peer | undefined>(
        (least, peer) => least === undefined || worth(peer) < worth(least) ? peer : least,
        undefined,
      );
  }

  #isSuspect({ addressKey }: Peer): boolean {
    return (this.#suspects.get(addressKey)?.lies ?? 0) >= MANY_LIES;
  }
}
