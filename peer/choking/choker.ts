/**
 * Choker: which peers to unchoke, by tit-for-tat with an optimistic unchoke and anti-snubbing (BEP 3,
 * Cohen 2003). What it weighs:
 *
 * 1. only peers that are interested get a slot;
 * 2. while we download: those that give us most (tit-for-tat, BEP 3); a peer that snubs us counts
 *    as giving nothing (anti-snubbing);
 * 3. while we seed: those we can give most to, and of them first who have had their slot for less
 *    than a minute, so that the fast do not keep it for ever;
 * 4. one slot on top is for an optimistic unchoke, moved every 30 s to another peer at random, new
 *    ones being three times as likely, so that newcomers can start and better partners be found. Who
 *    has no piece comes before all others, once: it can give nothing to earn a slot;
 * 5. an empty slot never stays empty while somebody is interested;
 * 6. who had a slot and asked for nothing comes after all who did not: a word costs nothing;
 * 7. one that no longer reads what it is sent, and gives nothing, has had its turn.
 *
 * @module
 */

/** What is weighed of one peer. */
export interface ChokerPeer {
  readonly peerInterested: boolean;
  readonly amChoking: boolean;
  readonly snubbed: boolean;
  /** Bytes per second from it, and to it. */
  readonly downloadRate: number;
  readonly uploadRate: number;
  /** ms. */
  readonly connectedAt: number;
  readonly unchokedAt: number;
  /** Turns in a row, up to now, in which it asked for nothing: see `Unchoker`. */
  readonly idleTurns: number;
  /** What it is sent does not leave this machine. */
  readonly isStuck: boolean;
  /** It has no piece yet: it can give nothing for what it gets. */
  readonly hasNothing: boolean;
}

/** What should be, and why. */
export interface ChokeDecision<P> {
  readonly peer: P;
  readonly unchoke: boolean;
  readonly reason: string;
}

/** BEP 3: the optimistic unchoke moves every 30 s. */
const OPTIMISTIC_MS = 30_000;
/** How long a peer is new: BEP 3 lets new connections come up three times as often. */
const NEW_MS = 60_000;
/** How long a seed lets one peer keep its slot while others wait. */
const TURN_MS = 60_000;

/** Remembers whose optimistic turn it is; everything else is decided afresh each round. */
export class Choker<P extends ChokerPeer & object> {
  /** Unchoked peers, without the optimistic one; takes effect with the next decision. */
  slots: number;
  /** Whether who has no piece comes first in the optimistic slot. */
  startersFirst = true;
  #optimistic: P | undefined;
  /** Whether it came first because it had no piece. */
  #isStarter = false;
  #since = -Infinity;
  /** Who had its turn when it had nothing. */
  readonly #started = new WeakSet<P>();

  /** @param slots unchoked peers, without the optimistic one */
  constructor(slots: number) {
    this.slots = slots;
  }

  /** Decisions for all peers, to be asked for every 10 s and when an unchoked one leaves. */
  decide(
    peers: readonly P[],
    facts: { seeding: boolean; now: number; random: () => number },
  ): ChokeDecision<P>[] {
    const { seeding, now, random } = facts;
    const interested = peers.filter((peer) => peer.peerInterested);
    const rate = (peer: P) => seeding ? peer.uploadRate : peer.snubbed ? 0 : peer.downloadRate;
    const hadItsTurn = (peer: P) =>
      !peer.amChoking &&
      (isOnlyStuck(peer) || seeding && now - peer.unchokedAt > TURN_MS);
    const ranked = interested
      .map((peer) => ({ peer, key: random() }))
      .sort((a, b) =>
        a.peer.idleTurns - b.peer.idleTurns ||
        Number(hadItsTurn(a.peer)) - Number(hadItsTurn(b.peer)) ||
        rate(b.peer) - rate(a.peer) ||
        Number(a.peer.amChoking) - Number(b.peer.amChoking) ||
        a.key - b.key
      )
      .map((entry) => entry.peer);
    const regular = new Map(ranked.slice(0, this.slots).map((peer, i) => [peer, i + 1]));
    const optimistic = this.#optimisticUnchoke(ranked.slice(this.slots), now, random);
    return peers.map((peer) => {
      const rank = regular.get(peer);
      if (rank !== undefined) {
        const among = `of ${interested.length} interested`;
        const reason = interested.length <= this.slots
          ? "a slot was free"
          : seeding
          ? `rank ${rank} ${among} by our upload rate to it`
          : `rank ${rank} ${among} by its upload rate to us`;
        return { peer, unchoke: true, reason };
      }
      if (peer === optimistic) {
        const why = this.#isStarter ? ": it had no piece yet, and those come first" : "";
        return { peer, unchoke: true, reason: `optimistic turn${why}` };
      }
      return {
        peer,
        unchoke: false,
        reason: peer.peerInterested
          ? peer.snubbed && !seeding ? "snubs us" : othersFirst(this.slots, seeding)
          : "not interested",
      };
    });
  }

  /** Whether a peer that just became interested may start at once. */
  hasFreeSlot(peers: readonly P[]): boolean {
    let unchoked = 0;
    for (const peer of peers) if (peer.peerInterested && !peer.amChoking) unchoked++;
    return unchoked < this.slots + 1;
  }

  #optimisticUnchoke(waiting: readonly P[], now: number, random: () => number): P | undefined {
    if (
      this.#optimistic !== undefined && now - this.#since < OPTIMISTIC_MS &&
      this.#optimistic.idleTurns === 0 && !isOnlyStuck(this.#optimistic) &&
      waiting.includes(this.#optimistic)
    ) {
      return this.#optimistic;
    }
    const fewest = Math.min(...waiting.map(({ idleTurns }) => idleTurns));
    const serious = waiting.filter(({ idleTurns }) => idleTurns === fewest);
    const others = serious.filter((peer) => peer !== this.#optimistic);
    const starters = others.filter((peer) => peer.hasNothing && !this.#started.has(peer));
    this.#isStarter = this.startersFirst && starters.length > 0;
    const choice = this.#isStarter ? starters : others.length > 0 ? others : serious;
    const tickets = choice.flatMap((peer) =>
      now - peer.connectedAt < NEW_MS ? [peer, peer, peer] : [peer]
    );
    this.#optimistic = tickets[Math.floor(random() * tickets.length)];
    if (this.#optimistic?.hasNothing) this.#started.add(this.#optimistic);
    this.#since = now;
    return this.#optimistic;
  }
}

/** Why one that is interested is choked. */
function othersFirst(slots: number, seeding: boolean): string {
  const verb = seeding ? "take" : "give";
  return slots === 1 ? `another ${verb}s more` : `${slots} others ${verb} more`;
}

function isOnlyStuck({ isStuck, downloadRate }: ChokerPeer): boolean {
  return isStuck && downloadRate === 0;
}
