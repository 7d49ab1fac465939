/**
 * Unchoke and choke: carries out what the choker decides and tells the reason.
 *
 * @module
 */
import type { CrowdRules, TellRule } from "../crowd_rules.ts";
import { about, type TorrentEvent } from "../events.ts";
import type { Connection } from "../connections/connection.ts";
import type { UploadQueue } from "../uploading/upload_queue.ts";
import type { Connections } from "../connections/connections.ts";
import { Choker } from "./choker.ts";
import type { Peer } from "../peers/peer.ts";
import { type UplinkFacts, UploadSlots } from "./upload_slots.ts";

/** BEP 3: choking is reconsidered every ten seconds. */
const ROUND_MS = 10_000;
/** ms in which who has a slot asks for something: a few round trips over a slow line. */
const ASKING_MS = 2000;
/** The same at an address of which many asked for nothing. */
const SHORT_ASKING_MS = 1000;
/** ms in which what a peer is sent has to move on. */
const MOVING_MS = 2000;
/** Turns of peers of one address that came to nothing, after which its newcomers come last. */
const MANY_IDLE = 4;
/** Addresses kept in mind for that. */
const MAX_ADDRESSES = 256;
/** Decisions beside the rounds in one second: peers that come, go and change their mind cause them. */
const MAX_EARLY = 8;

/** The part of the engine that choking needs. */
export interface UnchokerContext {
  /** Regular unchokes at a time; may change. */
  readonly uploadSlots: number;
  /** Nobody chose their number: a slow uplink has fewer. */
  readonly slotsFollowUplink: boolean;
  readonly rules: CrowdRules;
  /** ms since the epoch, never going back. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
}

/** One torrent's unchoked peers. */
export class Unchoker {
  readonly #context: UnchokerContext;
  readonly #connections: Connections;
  readonly #uploads: UploadQueue;
  readonly #choker: Choker<Peer>;
  readonly #emit: (event: TorrentEvent) => void;
  readonly #uplink: () => UplinkFacts;
  readonly #slots: UploadSlots;
  readonly #tell: TellRule;
  readonly #pieceLength: number;
  /** Slots that were told last. */
  #told: number;
  #nextRound = 0;
  #early = 0;
  /** Turns that came to nothing, by address; they fade. */
  readonly #idleTurns = new Map<string, number>();

  constructor(
    context: UnchokerContext,
    parts: {
      connections: Connections;
      uploads: UploadQueue;
      pieceLength: number;
      uplink: () => UplinkFacts;
      emit: (event: TorrentEvent) => void;
      tell: TellRule;
    },
  ) {
    this.#context = context;
    this.#connections = parts.connections;
    this.#uploads = parts.uploads;
    this.#emit = parts.emit;
    this.#uplink = parts.uplink;
    this.#tell = parts.tell;
    this.#pieceLength = parts.pieceLength;
    this.#told = context.uploadSlots;
    this.#slots = new UploadSlots(parts.pieceLength);
    this.#choker = new Choker(this.#countSlots(false));
    this.#choker.startersFirst = context.rules.has("starters-first");
  }

  /** A round, where one is due. */
  tick(now: number, seeding: boolean): void {
    const isLate = this.#early > MAX_EARLY;
    this.#early = 0;
    const isRound = now >= this.#nextRound;
    if (isRound) this.#fade();
    const isWasted = this.#someIdle(now) || this.#someStuck(now);
    if (isRound || isWasted || isLate) this.decide(now, seeding, isRound);
  }

  /** Whether many of its address had a slot lately and made nothing of it. */
  #isSuspect({ addressKey }: Peer): boolean {
    return (this.#idleTurns.get(addressKey) ?? 0) >= MANY_IDLE;
  }

  #fade(): void {
    for (const [address, turns] of this.#idleTurns) {
      if (turns < 2) this.#idleTurns.delete(address);
      else this.#idleTurns.set(address, turns / 2);
    }
  }

  /** Whether slots are held by peers that do not read while others wait; they are marked. */
  #someStuck(now: number): boolean {
    let isAny = false;
    let isWaiting = false;
    for (const [peer, connection] of this.#connections) {
      isWaiting ||= peer.peerInterested && peer.amChoking;
      peer.isStuck = !peer.amChoking && connection.isSending && now - peer.slotUsedAt >= MOVING_MS;
      isAny ||= peer.isStuck;
    }
    return isAny && isWaiting;
  }

  /** Whether slots are held by those who neither ask nor give while others wait; they are marked. */
  #someIdle(now: number): boolean {
    const interested = [...this.#connections.keys()].filter((peer) => peer.peerInterested);
    if (!interested.some((peer) => peer.amChoking)) return false;
    const idle = interested.filter((peer) =>
      !peer.amChoking && peer.uploads.length === 0 && peer.downloadRate === 0 &&
      now - peer.slotUsedAt >= (this.#isSuspect(peer) ? SHORT_ASKING_MS : ASKING_MS)
    );
    for (const peer of idle) {
      peer.idleTurns++;
      const { addressKey } = peer;
      const known = this.#idleTurns.get(addressKey);
      if (known !== undefined || this.#idleTurns.size < MAX_ADDRESSES) {
        this.#idleTurns.set(addressKey, Math.min(4 * MANY_IDLE, (known ?? 0) + 1));
      }
      peer.slotUsedAt = now;
    }
    return idle.length > 0;
  }

  /** Decides anew whom to unchoke: each round, and when a slot has become free. */
  decide(now: number, seeding: boolean, isRound = false): void {
    this.#nextRound = now + ROUND_MS;
    const peers = [...this.#connections.keys()];
    const { random } = this.#context;
    this.#choker.slots = this.#countSlots(isRound);
    this.#tellSlots(this.#choker.slots);
    for (const { peer, unchoke, reason } of this.#choker.decide(peers, { seeding, now, random })) {
      this.#set(peer, this.#connections.get(peer)!, !unchoke, reason);
    }
  }

  #countSlots(isRound: boolean): number {
    const { uploadSlots, slotsFollowUplink } = this.#context;
    if (!slotsFollowUplink) return uploadSlots;
    if (!isRound) return this.#slots.of(uploadSlots, this.#uplink());
    const peers = [...this.#connections.keys()];
    const isWaiting = peers.some(({ peerInterested, amChoking }) => peerInterested && amChoking);
    return this.#slots.round(uploadSlots, this.#uplink(), isWaiting);
  }

  /** Tells a number of slots that is new and follows from the uplink. */
  #tellSlots(slots: number): void {
    const before = this.#told;
    if (slots === before) return;
    this.#told = slots;
    const { uploadSlots: allowed, slotsFollowUplink } = this.#context;
    const { limit } = this.#uplink();
    if (!slotsFollowUplink || limit === 0) return;
    const pieceLength = this.#pieceLength;
    this.#tell({ rule: "uplink-slots", slots, before, allowed, limit, pieceLength });
  }

  /** A slot may have become free: decided at once where somebody waits, in the next round else. */
  release(now: number, seeding: boolean): void {
    if (++this.#early > MAX_EARLY) return;
    for (const peer of this.#connections.keys()) {
      if (peer.peerInterested && peer.amChoking) return this.decide(now, seeding);
    }
  }

  /** Somebody became interested: nobody waits for the next round while a slot is free. */
  admit(peer: Peer, connection: Connection): void {
    if (this.#isSuspect(peer) && !peer.wasUsed) peer.idleTurns = Math.max(1, peer.idleTurns);
    const others = [...this.#connections.keys()].filter((other) => other !== peer);
    if (this.#choker.hasFreeSlot(others)) this.#set(peer, connection, false, "a slot was free");
    else this.#set(peer, connection, true, "no slot is free until the next round");
  }

  /** Chokes everybody. */
  close(reason: string): void {
    for (const [peer, connection] of this.#connections) this.#set(peer, connection, true, reason);
  }

  #set(peer: Peer, connection: Connection, choke: boolean, reason: string): void {
    peer.chokeReason = reason;
    if (peer.amChoking === choke) return;
    peer.amChoking = choke;
    if (choke) {
      connection.writer.choke();
      this.#uploads.refuseAll(peer, connection.writer);
    } else {
      peer.unchokedAt = this.#context.now();
      peer.slotUsedAt = peer.unchokedAt;
      connection.writer.unchoke();
    }
    this.#emit({ event: choke ? "choked" : "unchoked", reason, ...about(peer) });
  }
}
