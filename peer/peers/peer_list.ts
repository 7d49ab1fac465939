/**
 * Peer list of one torrent: the addresses known, which to dial next, and when to try again.
 *
 * @module
 */

import type { PeerSource } from "../snapshot.ts";
import { addressKey } from "../admission/address_key.ts";
import { SCOPE, scopeOf } from "../destination/address_scope.ts";
import { callAgainIn } from "./dial_schedule.ts";
import { isServicePort } from "../destination/destination.ts";
import { BanList } from "./ban_list.ts";
import type { UserBans } from "./user_bans.ts";
import type { DialMethod } from "./dial_order.ts";

/** One known address. Times in ms. */
export interface KnownPeer {
  readonly host: string;
  readonly port: number;
  /** Where it was heard of; `"manual"` once a person named it. */
  source: PeerSource;
  /** Who named it: the tracker's URL, the peer's address. */
  via?: string | undefined;
  /** Whoever named it says that it has everything. */
  isSeed?: boolean | undefined;
  /** Calls in a row that led to no peer. */
  failures: number;
  /** Peers in a row that hung up before anything came of it. */
  fruitless?: number;
  /** Something came of it once. */
  isGood?: boolean;
  /** What its host counts as: see `addressKey`. */
  readonly address?: string;
  retryAt: number;
  state: "idle" | "dialing" | "connected";
  /** Hex peer ID found behind it, when known. */
  peerId?: string;
  /** When a connection to it was last open, ms. */
  metAt?: number;
  /** How it was called when it last answered. */
  way?: DialMethod;
  /** Ways that its next call begins with: the last one was given up for others. */
  untried?: readonly DialMethod[] | undefined;
  /** The last call was met by silence. */
  wasSilent?: boolean;
}

/** An address that is worth remembering. */
export interface RememberedPeer {
  readonly host: string;
  readonly port: number;
  /** It had everything. */
  readonly isSeed: boolean;
}

/** Known addresses kept per torrent. */
const MAX_KNOWN = 3000;
/** Failures after which an address is forgotten until somebody names it again. */
const MAX_FAILURES = 6;
/** What anybody may have made up is called after what people and trackers named. */
const RUMOURS: readonly PeerSource[] = ["pex", "dht", "lsd"];

/** Addresses kept of one host, and of all that anybody may have made up. */
const MAX_OF_HOST = 1000;
const MAX_RUMOURS = 2000;
/** Hosts whose silence is kept in mind, and how many silent calls count. */
const MAX_SILENT_HOSTS = 1000;
const MAX_SILENT = 64;
/** Calls of one host that were met by silence, from which on it comes after others. */
const MANY_SILENT = 4;

/** Whether it waits to be named again. */
function isGivenUp({ failures, source }: KnownPeer): boolean {
  return failures >= MAX_FAILURES && source !== "manual";
}

function keyOf(host: string, port: number): string {
  return `${host} ${port}`;
}

/** Addresses by `host port`. */
export class PeerList {
  readonly #known = new Map<string, KnownPeer>();
  readonly #bans = new BanList();
  readonly #selves = new Set<string>();
  /** Those that a person named. */
  readonly #named = new Map<string, KnownPeer>();
  /** Addresses by host, and how many of them are hearsay. */
  readonly #ofHost = new Map<string, number>();
  #rumours = 0;
  /** Calls of a host that were met by silence; an answer takes half of them away. */
  readonly #silent = new Map<string, number>();
  readonly #unwelcome: UserBans | undefined;
  readonly #random: () => number;

  /**
   * @param unwelcome whom nobody here wants, in any torrent
   * @param random uniform in [0, 1)
   */
  constructor(unwelcome?: UserBans, random: () => number = () => 0.5) {
    this.#unwelcome = unwelcome;
    this.#random = random;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Takes over addresses and bans; of a private torrent only what its trackers and people named. */
  inherit(other: PeerList, now: number, isPrivate: boolean): void {
    for (const known of other.#known.values()) {
      if (isPrivate && ["pex", "lsd", "dht"].includes(known.source)) continue;
      this.add(known.host, known.port, known.source, now, known);
    }
    this.#bans.inherit(other.#bans);
    for (const key of other.#selves) this.#selves.add(key);
  }

  get(host: string, port: number): KnownPeer | undefined {
    return this.#known.get(keyOf(host, port));
  }

  /** Somebody named an address; whether it is new. An address given up is tried again. */
  add(
    host: string,
    port: number,
    source: PeerSource,
    now: number,
    more: Pick<KnownPeer, "via" | "isSeed"> = {},
  ): boolean {
    if (port < 1 || port > 65535) return false;
    if (source !== "manual" && (isServicePort(port) || scopeOf(host) === SCOPE.nowhere)) {
      return false;
    }
    const key = keyOf(host, port);
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (source === "manual") this.#nameAgain(known, now);
      else if (known.state === "idle" && known.failures >= MAX_FAILURES) {
        known.failures = MAX_FAILURES - 1;
      }
      return false;
    }
    const address = addressKey(host);
    const isRumour = RUMOURS.includes(source);
    const isOver = (this.#ofHost.get(address) ?? 0) >= MAX_OF_HOST ||
      isRumour && this.#rumours >= MAX_RUMOURS;
    // A host that names itself a thousand times crowds out itself alone; hearsay, hearsay.
    if (isOver && source !== "manual") return false;
    if (this.#known.size >= MAX_KNOWN && !this.#forgetOne(isRumour)) return false;
    const { via, isSeed } = more;
    const about = { host, port, source, via, isSeed, address };
    const added: KnownPeer = { ...about, failures: 0, retryAt: now, state: "idle" };
    this.#known.set(key, added);
    if (source === "manual") this.#named.set(key, added);
    this.#ofHost.set(address, (this.#ofHost.get(address) ?? 0) + 1);
    if (isRumour) this.#rumours++;
    return true;
  }

  /** A person names an address that is known: it is theirs from now on, and called at once. */
  #nameAgain(known: KnownPeer, now: number): void {
    if (RUMOURS.includes(known.source)) this.#rumours--;
    known.source = "manual";
    known.via = undefined;
    this.#named.set(keyOf(known.host, known.port), known);
    if (known.state !== "idle") return;
    known.failures = 0;
    known.fruitless = 0;
    known.retryAt = now;
  }

  /**
   * The address to dial now, marked as being dialed. What it weighs, in this order:
   *
   * 1. of which something came before and that did not fail since;
   * 2. the fewest failures; where calls of its host were met by silence, as many more;
   * 3. hearsay after the rest;
   * 4. the highest rank.
   *
   * @param isConnected whether a connection to the peer of this ID (hex) and host is open already
   * @param isSeeding we have everything: who is said to have it, too, is no use to us
   * @param rankOf BEP 40: see {@linkcode ConnectionRanks}
   * @param isBusy whether an address has as many calls under way as a silent one may
   */
  next(
    now: number,
    isConnected: (peerId: string, host: string) => boolean,
    isSeeding = false,
    rankOf: (known: KnownPeer) => number = () => 0,
    isBusy: (address: string) => boolean = () => false,
  ): KnownPeer | undefined {
    const best = this.#best(this.#known, now, isConnected, isSeeding, rankOf, isBusy);
    if (best !== undefined) best.state = "dialing";
    return best;
  }

  /** The same among those that a person named. */
  nextNamed(
    now: number,
    isConnected: (peerId: string, host: string) => boolean,
    isSeeding: boolean,
  ): KnownPeer | undefined {
    const best = this.#best(this.#named, now, isConnected, isSeeding, () => 0, () => false);
    if (best !== undefined) best.state = "dialing";
    return best;
  }

  /** Whether somebody could be dialled now. */
  hasNext(
    now: number,
    isConnected: (peerId: string, host: string) => boolean,
    isSeeding: boolean,
  ): boolean {
    return this.#best(this.#known, now, isConnected, isSeeding, () => 0, () => false) !== undefined;
  }

  #best(
    among: ReadonlyMap<string, KnownPeer>,
    now: number,
    isConnected: (peerId: string, host: string) => boolean,
    isSeeding: boolean,
    rankOf: (known: KnownPeer) => number,
    isBusy: (address: string) => boolean,
  ): KnownPeer | undefined {
    let best: KnownPeer | undefined;
    for (const [key, peer] of among) {
      if (
        peer.state === "idle" && peer.retryAt <= now && !isGivenUp(peer) &&
        !(isSeeding && peer.isSeed) && !this.#selves.has(key) &&
        !this.isBanned(peer.host, peer.port, peer.peerId, now) &&
        !(peer.peerId !== undefined && isConnected(peer.peerId, peer.host)) &&
        !(this.#silent.size > 0 && this.#penalty(peer) > 0 && isBusy(peer.address!)) &&
        (best === undefined || this.#isBefore(peer, best, rankOf))
      ) {
        best = peer;
      }
    }
    return best;
  }

  /** Whether `a` is dialed before `b`, which was heard of earlier. */
  #isBefore(a: KnownPeer, b: KnownPeer, rankOf: (known: KnownPeer) => number): boolean {
    const isGood = a.isGood === true && a.failures === 0;
    if (isGood !== (b.isGood === true && b.failures === 0)) return isGood;
    const [ofA, ofB] = [this.#chargeOf(a), this.#chargeOf(b)];
    if (ofA !== ofB) return ofA < ofB;
    const isRumour = RUMOURS.includes(a.source);
    if (isRumour !== RUMOURS.includes(b.source)) return !isRumour;
    return rankOf(a) > rankOf(b);
  }

  /** Its failures, half of one where it was silent one way, and those for its host. */
  #chargeOf(peer: KnownPeer): number {
    return peer.failures + (peer.untried === undefined ? 0 : 1 / 2) + this.#penalty(peer);
  }

  /** Failures that an address is charged with for its host. */
  #penalty({ address }: KnownPeer): number {
    const silent = this.#silent.get(address!) ?? 0;
    return silent < MANY_SILENT ? 0 : Math.floor(Math.log2(silent));
  }

  /** An address belongs to a peer that is connected already: it need not be called. */
  learnPeerId(host: string, port: number, peerId: string, now: number): void {
    const known = this.#known.get(keyOf(host, port));
    if (known === undefined) return;
    known.peerId = peerId;
    known.metAt = now;
  }

  /** The dial led to a handshake. */
  connected(peer: KnownPeer, peerId: string, now: number): void {
    peer.state = "connected";
    peer.peerId = peerId;
    peer.metAt = now;
    const silent = this.#silent.get(peer.address!) ?? 0;
    if (silent > 1) this.#silent.set(peer.address!, silent / 2);
    else this.#silent.delete(peer.address!);
  }

  /** The dial led to no peer. It is no failure yet where ways to it are left (`untried`). */
  failed(peer: KnownPeer, now: number): void {
    peer.state = "idle";
    if (peer.untried === undefined) peer.failures++;
    if (peer.wasSilent === true) this.#noteSilence(peer.address!);
    peer.retryAt = now + callAgainIn(peer, this.#random());
  }

  #noteSilence(address: string): void {
    const silent = this.#silent.get(address) ?? 0;
    this.#silent.delete(address);
    this.#silent.set(address, Math.min(MAX_SILENT, silent + 1));
    if (this.#silent.size > MAX_SILENT_HOSTS) {
      this.#silent.delete(this.#silent.keys().next().value!);
    }
  }

  /** Where peers were met that may be met again, the last one first, up to `most`. */
  met(most: number): RememberedPeer[] {
    return [...this.#known.values()]
      .filter((known) => {
        const key = keyOf(known.host, known.port);
        return known.metAt !== undefined && !isGivenUp(known) && !this.#selves.has(key) &&
          !this.#bans.remembers(known.host, known.port);
      })
      .sort((a, b) => b.metAt! - a.metAt!)
      .slice(0, most)
      .map(({ host, port, isSeed = false }) => ({ host, port, isSeed }));
  }

  /**
   * A connection has ended.
   *
   * @param wasOfUse whether anything came of it; undefined where that was not its fault
   */
  disconnected(peer: KnownPeer, now: number, wasOfUse?: boolean): void {
    peer.state = "idle";
    peer.failures = 0;
    peer.metAt = now;
    if (wasOfUse === true) {
      peer.fruitless = 0;
      peer.isGood = true;
    } else if (wasOfUse === false) {
      peer.fruitless = (peer.fruitless ?? 0) + 1;
      peer.isGood = false;
    }
    peer.retryAt = now + callAgainIn(peer, this.#random());
  }

  /** We want more than before: who was put off because we wanted nothing may be called now. */
  reconsider(now: number): void {
    for (const peer of this.#known.values()) {
      if (peer.failures === 0 && !peer.fruitless) peer.retryAt = Math.min(peer.retryAt, now);
    }
  }

  /** It is us: never dialed again. */
  markSelf(peer: KnownPeer): void {
    peer.state = "idle";
    this.#selves.add(keyOf(peer.host, peer.port));
  }

  /** Proven to have sent wrong data: neither dialed nor let in for an hour. */
  ban(host: string, port: number, peerId: string, now: number): void {
    this.#bans.add(host, port, peerId, now);
  }

  /** @param peerId hex, where it is known */
  isBanned(host: string, port: number, peerId: string | undefined, now: number): boolean {
    return this.#bans.has(host, port, peerId, now) ||
      this.#unwelcome?.has(host, port, peerId) === true;
  }

  /** Makes room: for hearsay only where one failed. */
  #forgetOne(forRumour: boolean): boolean {
    let rumour: string | undefined;
    for (const [key, peer] of this.#known) {
      if (peer.state !== "idle") continue;
      if (peer.failures > 0) return this.#forget(key, peer);
      if (peer.metAt === undefined && RUMOURS.includes(peer.source)) rumour ??= key;
    }
    return !forRumour && rumour !== undefined && this.#forget(rumour, this.#known.get(rumour)!);
  }

  #forget(key: string, { address, source }: KnownPeer): boolean {
    const left = (this.#ofHost.get(address!) ?? 1) - 1;
    if (left > 0) this.#ofHost.set(address!, left);
    else this.#ofHost.delete(address!);
    if (RUMOURS.includes(source)) this.#rumours--;
    this.#named.delete(key);
    return this.#known.delete(key);
  }
}
