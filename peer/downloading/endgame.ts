/**
 * Endgame: outstanding requests are reassigned to a faster, idle peer instead of being sent to
 * every peer.
 *
 * What it weighs (check all when changing one):
 *
 * 1. requests at a seed move to a leecher that can deliver them within a second: a seed's time is for
 *    pieces that no other peer has;
 * 2. in the endgame, when every block was requested, requests at a slow peer move to one that would
 *    be done clearly sooner, from the end of the slowest peer's queue;
 * 3. a move cancels first: the first peer rejects the blocks that it will not send (BEP 6), and those
 *    can be requested again, so that no block comes twice;
 * 4. a peer that does not answer for a while, or does not support BEP 6, keeps the block, and it is
 *    requested from a second peer as well, never from a third; more reluctantly once so many blocks
 *    were doubled that waste would show;
 * 5. a peer that gave nothing yet takes over one block at most;
 * 6. slow peers do not take over from slow peers: if another peer with the piece would be done in
 *    half of the time, the block waits for that peer.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { type OutstandingRequest, type Peer, requestKey } from "../peers/peer.ts";

/** A block to be asked of another: withdrawn first, or doubled. */
export interface Reassignment {
  readonly from: Peer;
  readonly asked: OutstandingRequest;
  readonly how: "withdraw" | "double";
}

/** A block leaves a seed's queue only if another peer can deliver it within this many seconds. */
const SPARE_SECONDS = 1;
/** The second peer must need at most this share of the first one's time, and be this many seconds sooner. */
const SOONER = { share: 0.6, seconds: 0.25 };
/**
 * The condition once this share of all blocks was requested twice: also silence, an unanswered
 * cancel, or many seconds.
 */
const SOONER_LATER = {
  ...{ share: 0.3, seconds: 1, silentMs: 2000, lateSeconds: 3 },
  ...{ from: 1 / 400, atLeast: 4 },
};
/** ms that a peer has to say what becomes of a block that was withdrawn, or to give one that moved. */
const ANSWER_MS = 1000;

/** What is known where blocks may move. */
export interface ReliefFacts {
  /** Blocks that may move at most. */
  readonly room: number;
  /** ms since the epoch. */
  readonly now: number;
  /** ms in which what others were asked for comes over our line. */
  readonly wait: number;
  readonly isEndgame: boolean;
  /** Whether a block may be withdrawn from another, and not only be asked of two. */
  readonly mayWithdraw: boolean;
}

const NOTHING: readonly Reassignment[] = [];

/** A peer all of whose requests were withdrawn, doubled or given by others, as far as it was looked at. */
interface Settled {
  /** Requests that it had been sent by then. */
  readonly turns: number;
  /** When the first of these was, ms. */
  readonly since: number;
}

/** One torrent's; counts what it doubled. */
export class EndgamePlan {
  #doubled = 0;
  /** Doubled blocks that nobody minds. */
  readonly #few: number;
  /** The seed that was faster than whoever was looked for last: most often it still is. */
  #faster: Peer | undefined;
  readonly #settled = new WeakMap<Peer, Settled>();

  /** @param totalSize bytes of the torrent */
  constructor(totalSize: number) {
    this.#few = Math.max(
      SOONER_LATER.atLeast,
      totalSize / BLOCK_LENGTH * SOONER_LATER.from,
    );
  }

  /** A peer went. */
  forget(peer: Peer): void {
    if (this.#faster === peer) this.#faster = undefined;
  }

  /**
   * Up to `room` blocks that `peer` should give in place of others, one after the other: what was done
   * with one decides about the next.
   *
   * @param others all peers of the torrent
   */
  of(peer: Peer, others: Iterable<Peer>, facts: ReliefFacts): Iterable<Reassignment> {
    if (peer.peerChoking || peer.snubbed) return NOTHING;
    const isNew = peer.down.total === 0 && peer.down.rate === 0;
    if (isNew && peer.requests.size > 0) return NOTHING;
    const soonest = secondsFor(peer, peer.requests.size + 1, 0);
    // Before the endgame only a seed is spared, by one that is none and quick: most are not.
    if (!facts.isEndgame && (peer.countedAsSeed || soonest > SPARE_SECONDS)) return NOTHING;
    if (this.#isFasterSeed(this.#faster, peer, soonest)) return NOTHING;
    const queue = queuedBefore(peer, facts);
    let slower: Peer[] | undefined;
    let faster: Peer[] | undefined;
    // Whoever is idle comes here again and again, mostly in vain: arrays are made for what there is.
    for (const other of others) {
      if (other === peer) continue;
      if (isFaster(other, soonest / 2)) {
        // Whatever there is to move, this one gives it sooner.
        if (other.isSeed) {
          // Which server is asked may be left to the caller.
          if (other.source !== "web seed") this.#faster = other;
          return NOTHING;
        }
        (faster ??= []).push(other);
      }
      if (
        other.requests.size > 0 && !this.#isSettled(other, queue, facts.now) &&
        isWorthALook(peer, other, soonest, facts)
      ) {
        (slower ??= []).push(other);
      }
    }
    if (slower === undefined) return NOTHING;
    slower.sort((a, b) => a.down.rate - b.down.rate);
    const room = isNew ? Math.min(1, facts.room) : facts.room;
    return this.#moves(peer, slower, faster ?? [], { ...facts, room });
  }

  /** @param faster those that give a block sooner where they have it */
  *#moves(
    peer: Peer,
    slower: readonly Peer[],
    faster: readonly Peer[],
    facts: ReliefFacts,
  ): Generator<Reassignment> {
    const { now, isEndgame, mayWithdraw } = facts;
    let { room } = facts;
    const queued = queuedBefore(peer, facts);
    const before = peer.requests.size;
    let ours = before;
    for (const from of slower) {
      // What it takes over in the meantime takes time, too.
      if (ours > before && !isWorthALook(peer, from, secondsFor(peer, ours + 1, 0), facts)) {
        continue;
      }
      const isSpared = from.countedAsSeed && !peer.countedAsSeed;
      // From the end of its queue: there most is gained, and cancelling comes in time.
      const queue = [...from.requests.values()];
      let since = Infinity;
      for (let at = queue.length - 1; at >= 0; at--) {
        if (room <= 0) return;
        const asked = queue[at]!;
        if (asked.released) continue;
        const moved = movedAt(asked);
        since = Math.min(since, moved ?? -Infinity);
        // What keeps most of them where they are is asked first: this runs in vain more often than not.
        const canWithdraw = mayWithdraw && from.fast && !asked.wasReassigned &&
          asked.cancelledAt === undefined;
        const mayMove = canWithdraw ||
          isEndgame && asked.active.isAskedOfOne(asked.block) &&
            (moved === undefined || hadTime(moved, from, queued, now));
        if (!mayMove) continue;
        const seconds = secondsFor(peer, ours + 1, 0);
        const theirs = secondsFor(from, at + 1, (now - asked.at) / 1000);
        const isSooner = isEndgame && isSoonerBy(SOONER, seconds, theirs);
        if (!isSooner && !(canWithdraw && isSpared && seconds <= SPARE_SECONDS)) continue;
        const { piece } = asked.active;
        if (!peer.pieces.has(piece) || isAskedOf(peer, asked)) continue;
        if (faster.some(({ pieces }) => pieces.has(piece))) continue;
        if (canWithdraw) {
          yield { from, asked, how: "withdraw" };
        } else {
          if (this.#doubled >= this.#few) {
            const isSilent = now - from.lastBlockAt >= SOONER_LATER.silentMs;
            const isDeaf = asked.cancelledAt !== undefined;
            const isLate = theirs - seconds >= SOONER_LATER.lateSeconds;
            if (!(isSilent || isDeaf || isLate) || !isSoonerBy(SOONER_LATER, seconds, theirs)) {
              continue;
            }
          }
          this.#doubled++;
          yield { from, asked, how: "double" };
        }
        room--;
        ours++;
      }
      if (since > -Infinity) this.#settled.set(from, { turns: from.answers.turns, since });
    }
  }

  /** Whether another seed than `peer` gives in half of the time whatever there is to move. */
  #isFasterSeed(seed: Peer | undefined, peer: Peer, soonest: number): boolean {
    return seed !== undefined && seed !== peer && seed.isSeed && isFaster(seed, soonest / 2);
  }

  /** Whether everything that a peer was asked for moved once, and it may still answer. */
  #isSettled(from: Peer, queue: number, now: number): boolean {
    const settled = this.#settled.get(from);
    return settled !== undefined && settled.turns === from.answers.turns &&
      !hadTime(settled.since, from, queue, now);
  }
}

/** ms that blocks which were asked for wait before our line, at most. */
function queuedBefore(peer: Peer, { wait }: ReliefFacts): number {
  return Math.min(wait, peer.latency ?? 0);
}

/** Whether some of what another was asked for may be for a peer that has a block in `soonest` seconds. */
function isWorthALook(
  peer: Peer,
  from: Peer,
  soonest: number,
  { isEndgame, now }: ReliefFacts,
): boolean {
  if (from.countedAsSeed && !peer.countedAsSeed && soonest <= SPARE_SECONDS) return true;
  if (!isEndgame) return false;
  // Whether it already took a while only adds to that.
  const { size } = from.requests;
  return isSoonerBy(SOONER, soonest, secondsFor(from, size, 0)) ||
    isSoonerBy(SOONER, soonest, secondsForAll(from, now));
}

/** Whether a peer may be asked for one block more and gives it within so many seconds. */
function isFaster(peer: Peer, seconds: number): boolean {
  return !peer.peerChoking && peer.down.total > 0 && !peer.snubbed && peer.amInterested &&
    secondsFor(peer, peer.requests.size + 1, 0) < seconds && peer.room > 0;
}

/** When a block was withdrawn from the peer that was asked for it, or moved to it; ms. */
function movedAt({ at, cancelledAt, wasReassigned }: OutstandingRequest): number | undefined {
  return cancelledAt ?? (wasReassigned ? at : undefined);
}

/**
 * Whether a peer had time to answer since a block moved. Where our own line is full, what it says comes
 * behind the blocks that it sent before.
 *
 * @param queue ms that blocks wait before our line, at most
 */
function hadTime(since: number, from: Peer, queue: number, now: number): boolean {
  const delay = Math.min(queue, from.latency ?? 0);
  return delay < ANSWER_MS
    ? now - since >= ANSWER_MS
    : now - Math.max(since, from.lastBlockAt) >= delay;
}

function isAskedOf(peer: Peer, { active, block }: OutstandingRequest): boolean {
  return peer.requests.get(requestKey(active.piece, block))?.active === active;
}

function isSoonerBy(by: { share: number; seconds: number }, ours: number, theirs: number): boolean {
  return ours <= theirs * by.share && theirs - ours >= by.seconds;
}

/** No block of those that a peer was asked for takes it longer than this, in seconds. */
function secondsForAll(peer: Peer, now: number): number {
  // They stand in the order in which they were said.
  const since = peer.requests.values().next().value?.at ?? now;
  return secondsFor(peer, peer.requests.size, (now - since) / 1000);
}

/** Seconds until a peer has delivered the n-th block that it was asked for. */
function secondsFor({ down }: Peer, blocks: number, waited: number): number {
  const rate = Math.max(down.rate, down.sinceTick);
  // Nothing came yet: half a second is the benefit of the doubt, then every second counts against it.
  if (rate === 0) return waited < 0.5 ? 0.5 : Infinity;
  return blocks * BLOCK_LENGTH / rate + (waited > 2 ? waited : 0);
}
