/**
 * Endgame: outstanding requests are reassigned to a faster, idle peer instead of being sent to
 * everybody.
 *
 * What it weighs (check all when changing one):
 *
 * 1. what waits at a seed and a peer that still downloads can give within a second moves there: a
 *    seed's time is for what nobody else has;
 * 2. in the endgame, when nothing is left that nobody was asked for, what waits at a slow peer moves
 *    to one that would be done clearly sooner, from the end of the slowest one's queue;
 * 3. to move is to withdraw first: the one that was asked says which blocks it will not send (BEP 6),
 *    and those are free again, so that nothing comes twice;
 * 4. who does not say for a while, or cannot, keeps the block, and a second peer is asked for it, too,
 *    more reluctantly once that was done for so many blocks that waste would show;
 * 5. a peer that gave nothing yet is trusted with one block of others;
 * 6. the slow do not relieve the slow: where somebody who has the piece would be done in half of the
 *    time, the block waits for that one.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { OutstandingRequest, Peer } from "../peers/peer.ts";

/** A block to be asked of another: withdrawn first, or doubled. */
export interface Reassignment {
  readonly from: Peer;
  readonly asked: OutstandingRequest;
  readonly how: "withdraw" | "double";
}

/** Seconds within which a peer has to be done with what a seed is spared. */
const SPARE_SECONDS = 1;
/** The second peer has to be done in this share of the first one's time, and so many seconds sooner. */
const SOONER = { share: 0.6, seconds: 0.25 };
/**
 * What it takes once so many blocks were doubled, as a share of all of them: silence too, no word on
 * a block that was withdrawn, or many seconds.
 */
const SOONER_LATER = {
  ...{ share: 0.3, seconds: 1, silentMs: 2000, lateSeconds: 3 },
  ...{ from: 1 / 400, atLeast: 4 },
};
/** ms that a peer has to say what becomes of a block that was withdrawn, or to give one that moved. */
const ANSWER_MS = 1000;

/** One torrent's; counts what it doubled. */
export class EndgamePlan {
  #doubled = 0;
  /** Doubled blocks that nobody minds. */
  readonly #few: number;

  /** @param totalSize bytes of the torrent */
  constructor(totalSize: number) {
    this.#few = Math.max(
      SOONER_LATER.atLeast,
      totalSize / BLOCK_LENGTH * SOONER_LATER.from,
    );
  }

  /**
   * Up to `room` blocks that `peer` should give in place of others.
   *
   * @param others all peers of the torrent
   */
  *of(
    peer: Peer,
    others: Iterable<Peer>,
    facts: { room: number; now: number; isEndgame: boolean; mayWithdraw: boolean },
  ): Generator<Reassignment> {
    const { now, isEndgame, mayWithdraw } = facts;
    if (peer.peerChoking || peer.snubbed) return;
    const isNew = peer.down.total === 0 && peer.down.rate === 0;
    if (isNew && peer.requests.size > 0) return;
    let room = isNew ? Math.min(1, facts.room) : facts.room;
    let ours = peer.requests.size;
    const everybody = [...others];
    const faster = fasterThan(peer, everybody);
    for (const from of waitedFor(peer, everybody, isEndgame)) {
      const isSpared = from.countedAsSeed && !peer.countedAsSeed;
      // From the end of its queue: there most is gained, and cancelling comes in time.
      const queue = [...from.requests.values()].reverse();
      for (const [i, asked] of queue.entries()) {
        if (room <= 0) return;
        if (asked.released || !peer.pieces.has(asked.active.piece) || isAskedOf(peer, asked)) {
          continue;
        }
        if (faster.some(({ pieces }) => pieces.has(asked.active.piece))) continue;
        const seconds = secondsFor(peer, ours + 1, 0);
        const theirs = secondsFor(from, queue.length - i, (now - asked.at) / 1000);
        const isSooner = isEndgame && isSoonerBy(SOONER, seconds, theirs);
        const canWithdraw = mayWithdraw && from.fast && !asked.wasReassigned &&
          asked.cancelledAt === undefined;
        if (canWithdraw && (isSooner || isSpared && seconds <= SPARE_SECONDS)) {
          yield { from, asked, how: "withdraw" };
        } else if (isSooner && mayDouble(asked, now)) {
          if (canWithdraw) continue;
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
        } else continue;
        room--;
        ours++;
      }
    }
  }
}

/** Those who were asked for blocks that may move, the slowest first. */
function waitedFor(peer: Peer, others: Iterable<Peer>, isEndgame: boolean): Peer[] {
  const found: Peer[] = [];
  for (const other of others) {
    if (other === peer || other.requests.size === 0) continue;
    if (isEndgame || other.countedAsSeed && !peer.countedAsSeed) found.push(other);
  }
  return found.sort((a, b) => a.down.rate - b.down.rate);
}

/** Those who would be done with one more block in half of a peer's time. */
function fasterThan(peer: Peer, others: Iterable<Peer>): Peer[] {
  const seconds = secondsFor(peer, peer.requests.size + 1, 0);
  return [...others].filter((other) =>
    other !== peer && !other.peerChoking && !other.snubbed && other.amInterested &&
    other.down.total > 0 && other.room > 0 &&
    secondsFor(other, other.requests.size + 1, 0) < seconds / 2
  );
}

function mayDouble({ at, cancelledAt, wasReassigned }: OutstandingRequest, now: number): boolean {
  const since = cancelledAt ?? (wasReassigned ? at : -Infinity);
  return now - since >= ANSWER_MS;
}

function isAskedOf(peer: Peer, { active, block }: OutstandingRequest): boolean {
  for (const own of peer.requests.values()) {
    if (own.active === active && own.block === block) return true;
  }
  return false;
}

function isSoonerBy(by: { share: number; seconds: number }, ours: number, theirs: number): boolean {
  return ours <= theirs * by.share && theirs - ours >= by.seconds;
}

/** Seconds until a peer has delivered the n-th block that it was asked for. */
function secondsFor(peer: Peer, blocks: number, waited: number): number {
  const rate = Math.max(peer.down.rate, peer.down.sinceTick);
  // Nothing came yet: half a second is the benefit of the doubt, then every second counts against it.
  if (rate === 0) return waited < 0.5 ? 0.5 : Infinity;
  return blocks * BLOCK_LENGTH / rate + (waited > 2 ? waited : 0);
}
