/**
 * Peer trials: a peer that never gave a block of a good piece is asked for one piece at a time, so
 * that a liar can spoil no more than that.
 *
 * A ban ends a connection, not a liar, who is back under another ID at once. An address is never shut
 * out for that, since a whole class may share one; but where two were found to lie, its newcomers are
 * tried one after the other, those that we called first, the next one later each time that one lied.
 * Where many lie, from whatever addresses, a few newcomers are tried at a time. Whoever is proven is
 * asked like anybody else.
 *
 * @module
 */
import type { TrialDecision } from "../crowd_rules.ts";
import type { Peer } from "../peers/peer.ts";

/** Liars of one address from which on its newcomers are tried one by one. */
const MANY_LIES = 2;
/** ms until the next trial after the first lies; twice as long after each more. */
const FIRST_WAIT_MS = 4000;
const LONGEST_WAIT_MS = 60_000;
/** ms that one trial takes at most, and where nothing comes. */
const TRIAL_MS = 10_000;
const SILENT_MS = 2000;
/** Lies of the last minute from which on the newcomers of all addresses are tried a few at a time. */
const CROWD_LIES = 6;
const CROWD_MS = 60_000;
const CROWD_TRIALS = 4;
/** Addresses kept in mind, and for how long after the last lie (ms). */
const MAX_ADDRESSES = 1000;
const MEMORY_MS = 3_600_000;

interface Trial {
  readonly peer: Peer;
  readonly since: number;
  /** Bytes that it had given before. */
  readonly from: number;
}

interface Suspect {
  readonly lies: number;
  readonly lastAt: number;
  nextAt: number;
  trial: Trial | undefined;
}

/** One torrent's. */
export class PeerTrials {
  readonly #blocks: number;
  readonly #suspects = new Map<string, Suspect>();
  /** When the last lies were, the oldest first. */
  readonly #lies: number[] = [];
  /** Whether many lie. */
  #isCrowd = false;
  /** Whose trial it is where many lie. */
  #trials: Trial[] = [];
  /** How often each peer was tried. */
  readonly #tried = new WeakMap<Peer, number>();

  /** Told what becomes of a newcomer. */
  onDecision: ((peer: Peer, kind: TrialDecision) => void) | undefined;

  /** @param blocksPerPiece what an unproven peer is asked for at a time */
  constructor(blocksPerPiece: number) {
    this.#blocks = blocksPerPiece;
  }

  /** A peer came: until it is proven it is asked for one piece at a time, or waits for its trial. */
  welcome(peer: Peer): void {
    const waits = this.#isCrowd || this.#isSuspect(peer);
    peer.credit = waits ? 0 : this.#blocks;
    this.onDecision?.(peer, waits ? "waits" : "new");
  }

  /** A peer of an address was proven to lie. */
  lied(address: string, now: number): void {
    const before = this.#suspects.get(address);
    this.#suspects.delete(address);
    const lies = (before?.lies ?? 0) + 1;
    const wait = FIRST_WAIT_MS * 2 ** Math.min(16, Math.max(0, lies - MANY_LIES));
    const nextAt = now + Math.min(LONGEST_WAIT_MS, wait);
    this.#suspects.set(address, { lies, lastAt: now, nextAt, trial: undefined });
    if (this.#suspects.size > MAX_ADDRESSES) {
      this.#suspects.delete(this.#suspects.keys().next().value!);
    }
    this.#lies.push(now);
    if (this.#lies.length > CROWD_LIES) this.#lies.shift();
  }

  /** A second has passed, or somebody lied: whose trial it is. */
  tick(peers: Iterable<Peer>, now: number): void {
    if (this.#suspects.size === 0) return;
    const unproven = [...peers].filter((peer) => !peer.isProven);
    this.#tryOneAnAddress(unproven.filter((peer) => this.#isSuspect(peer)), now);
    this.#tryFewOfAll(unproven.filter((peer) => !this.#isSuspect(peer)), now);
  }

  #tryOneAnAddress(unproven: readonly Peer[], now: number): void {
    const waiting = Map.groupBy(unproven, ({ addressKey }) => addressKey);
    for (const peer of unproven) {
      if (this.#suspects.get(peer.addressKey)!.trial?.peer !== peer) peer.credit = 0;
    }
    for (const [address, suspect] of this.#suspects) {
      if (now - suspect.lastAt > MEMORY_MS) this.#suspects.delete(address);
      const { trial } = suspect;
      if (trial !== undefined && isOver(trial, now)) suspect.nextAt = now;
      if (now < suspect.nextAt) continue;
      const next = this.#next((waiting.get(address) ?? []).filter((peer) => peer !== trial?.peer));
      if (next === undefined) continue;
      if (trial !== undefined && !trial.peer.isProven) trial.peer.credit = 0;
      suspect.trial = this.#try(next, now);
      suspect.nextAt = now + TRIAL_MS;
    }
  }

  #tryFewOfAll(unproven: readonly Peer[], now: number): void {
    const wasCrowd = this.#isCrowd;
    this.#isCrowd = this.#lies.length === CROWD_LIES && now - this.#lies[0]! < CROWD_MS;
    if (!this.#isCrowd) {
      for (const peer of wasCrowd ? unproven : []) peer.credit = this.#blocks;
      this.#trials = [];
      return;
    }
    const here = new Set(unproven);
    this.#trials = this.#trials.filter((trial) =>
      here.has(trial.peer) && now - trial.since < TRIAL_MS && !isOver(trial, now)
    );
    const waiting = here.difference(new Set(this.#trials.map(({ peer }) => peer)));
    for (const peer of waiting) peer.credit = 0;
    while (this.#trials.length < CROWD_TRIALS) {
      const next = this.#next([...waiting]);
      if (next === undefined) break;
      waiting.delete(next);
      this.#trials.push(this.#try(next, now));
    }
  }

  #try(peer: Peer, now: number): Trial {
    this.#tried.set(peer, (this.#tried.get(peer) ?? 0) + 1);
    peer.credit = this.#blocks;
    this.onDecision?.(peer, "tried");
    return { peer, since: now, from: peer.down.total };
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

function isOver({ peer, since, from }: Trial, now: number): boolean {
  return peer.isProven || peer.down.total === from && now - since >= SILENT_MS;
}
