/**
 * Dials: which of a torrent's known addresses are called now, as far as its places and the limits on
 * calls under way go. Whom a person named is called at once: it waits neither for a place among those
 * that we fill by calling nor behind others that are being called.
 *
 * @module
 */
import type { CrowdRules } from "../crowd_rules.ts";
import type { PeerPriorities } from "../peers/peer_priority.ts";
import type { KnownPeer, PeerList } from "../peers/peer_list.ts";
import type { ConnectionLimits } from "./connection_limits.ts";
import { PlacesToCall } from "./places_to_call.ts";

/** Dials under way at once: in their first second, and in all. */
const MAX_FRESH = 16;
const MAX_DIALS = 48;
const FRESH_MS = 1000;
/** On top of them: those of peers that a person named. */
const MAX_NAMED = 8;
/** Share of them that may go to one host while it answers with silence. */
const SILENT_SHARE = 3 / 4;
/** Places on top of those for callers: these never take them. */
const MAX_DIALLED = 16;

/** The part of the engine that dialling needs. */
export interface DialsContext {
  readonly places: Pick<ConnectionLimits, "mayDial">;
  /** Which connections are worth more (BEP 40). */
  readonly ranks: Pick<PeerPriorities, "of">;
  readonly rules: CrowdRules;
}

/** The torrent's connections. */
export interface DialsOwner {
  /** Who is connected. */
  readonly company: {
    readonly size: number;
    /** How many of them we called. */
    readonly dialled: number;
    keys(): Iterable<{ readonly connectedAt: number }>;
  };
  /** Whether a connection to the peer of this ID (hex) and host is open already. */
  isConnected(peerId: string, host: string): boolean;
  /** It has everything. */
  isSeeding(): boolean;
  /** It lacks something that it may fetch. */
  isFetching(): boolean;
  /** Nobody is to be called. */
  isStopped(): boolean;
  /** Calls an address. @param ended called when that has led to a peer, or to none */
  call(known: KnownPeer, ended: () => void): void;
}

/** Those of one torrent that are under way. */
export class Dials {
  readonly places: PlacesToCall;
  readonly #context: DialsContext;
  readonly #peerList: PeerList;
  readonly #most: number;
  readonly #owner: DialsOwner;
  readonly #underWay = new Set<{ readonly address: string; readonly since: number }>();
  #named = 0;
  #othersWait = false;

  /** @param most connections that the torrent may have */
  constructor(context: DialsContext, peerList: PeerList, most: number, owner: DialsOwner) {
    this.#context = context;
    this.#peerList = peerList;
    this.#most = most;
    this.#owner = owner;
    this.places = new PlacesToCall(most, context.rules.has("caller-places"));
  }

  get size(): number {
    return this.#underWay.size + this.#named;
  }

  /** Known addresses wait until others were dialled. */
  get othersWait(): boolean {
    return this.#othersWait;
  }

  /** Connections up to which we call. */
  most(now: number): number {
    return this.places.most(this.#owner.company.keys(), this.#owner.isFetching(), now);
  }

  /** Calls whom it may. */
  dial(now: number): void {
    const { isConnected } = this.#owner;
    const isSeeding = this.#owner.isSeeding();
    this.#dialNamed(now, isSeeding);
    const fresh = [...this.#underWay].filter(({ since }) => now - since < FRESH_MS);
    const isBusy = (address: string) =>
      countOf(fresh, address) >= MAX_FRESH * SILENT_SHARE ||
      countOf(this.#underWay, address) >= MAX_DIALS * SILENT_SHARE;
    const rankOf = (known: KnownPeer) => this.#context.ranks.of(known);
    const most = this.most(now);
    while (fresh.length < MAX_FRESH && this.#underWay.size < MAX_DIALS && this.#mayDial(most)) {
      const known = this.#peerList.next(now, isConnected, isSeeding, rankOf, isBusy);
      if (known === undefined) break;
      const dial = { address: known.address!, since: now };
      fresh.push(dial);
      this.#underWay.add(dial);
      this.#owner.call(known, () => this.#underWay.delete(dial));
    }
    const hasNext = () => this.#peerList.hasNext(now, isConnected, isSeeding);
    this.#othersWait = this.#underWay.size > 0 && hasNext();
    if (this.places.isNews(most) && !this.#hasRoom(most) && hasNext()) this.places.stopped(most);
  }

  #dialNamed(now: number, isSeeding: boolean): void {
    while (this.#named < MAX_NAMED && this.#mayDial(this.#most)) {
      const known = this.#peerList.nextNamed(now, this.#owner.isConnected, isSeeding);
      if (known === undefined) return;
      this.#named++;
      this.#owner.call(known, () => this.#named--);
    }
  }

  /** @param most connections up to which we call */
  #mayDial(most: number): boolean {
    return this.#hasRoom(most) && !this.#owner.isStopped() && this.#context.places.mayDial();
  }

  #hasRoom(most: number): boolean {
    const { size, dialled } = this.#owner.company;
    return size + this.size < most || dialled + this.size < MAX_DIALLED;
  }
}

function countOf(dials: Iterable<{ readonly address: string }>, address: string): number {
  let count = 0;
  for (const dial of dials) if (dial.address === address) count++;
  return count;
}
