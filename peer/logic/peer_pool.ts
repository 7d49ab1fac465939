/**
 * The addresses known for one torrent: whom to dial next, when to try again, whom never.
 *
 * @module
 */

import type { Unwelcome } from "./unwelcome.ts";
import type { Way } from "./ways.ts";

/** Where an address was heard of. */
export type PeerSource =
  | "web seed"
  | "tracker"
  | "incoming"
  | "manual"
  | "magnet"
  | "pex"
  | "lsd"
  | "dht"
  | "resume";

/** One known address. Times in ms. */
export interface KnownPeer {
  readonly host: string;
  readonly port: number;
  readonly source: PeerSource;
  /** Who named it: the tracker's URL, the peer's address. */
  readonly via?: string | undefined;
  /** Whoever named it says that it has everything. */
  isSeed?: boolean | undefined;
  failures: number;
  retryAt: number;
  state: "idle" | "dialing" | "connected";
  /** Hex peer ID found behind it, when known. */
  peerId?: string;
  /** When a connection to it was last open, ms. */
  metAt?: number;
  /** How it was called when it last answered. */
  way?: Way;
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
/** BEP 3 is silent; an hour is what the common clients use. */
const BAN_MS = 3_600_000;

/** What anybody may have made up is called after what people and trackers named. */
const RUMOURS: readonly PeerSource[] = ["pex", "dht", "lsd"];

/** Wait after the n-th failure in a row: 3 s, 9 s, 27 s, … at most 10 min. */
const MAX_DELAY = 600_000;
/** Somebody who named an address waits for it, and may start it in a moment. */
const MAX_DELAY_MANUAL = 10_000;

function retryDelay(failures: number, source: PeerSource): number {
  const most = source === "manual" ? MAX_DELAY_MANUAL : MAX_DELAY;
  return Math.min(most, 1000 * 3 ** Math.min(failures, 10));
}

/** Whether it waits to be named again. */
function isGivenUp({ failures, source }: KnownPeer): boolean {
  return failures >= MAX_FAILURES && source !== "manual";
}

/** Whether `a` is dialed before `b`, which was heard of earlier. */
function isBefore(a: KnownPeer, b: KnownPeer, rankOf: (known: KnownPeer) => number): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures;
  const isRumour = RUMOURS.includes(a.source);
  if (isRumour !== RUMOURS.includes(b.source)) return !isRumour;
  return rankOf(a) > rankOf(b);
}

function keyOf(host: string, port: number): string {
  return `${host} ${port}`;
}

/** Addresses by `host port`; bans by address and by peer ID, never by host alone (see FIELD: NAT). */
export class PeerPool {
  readonly #known = new Map<string, KnownPeer>();
  readonly #bans = new Map<string, number>();
  readonly #selves = new Set<string>();
  readonly #unwelcome: Unwelcome | undefined;

  /** @param unwelcome whom nobody here wants, in any torrent */
  constructor(unwelcome?: Unwelcome) {
    this.#unwelcome = unwelcome;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Takes over addresses and bans; of a private torrent only what its trackers and people named. */
  inherit(other: PeerPool, now: number, isPrivate: boolean): void {
    for (const known of other.#known.values()) {
      if (isPrivate && ["pex", "lsd", "dht"].includes(known.source)) continue;
      this.add(known.host, known.port, known.source, now, known);
    }
    for (const [key, until] of other.#bans) this.#bans.set(key, until);
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
    const key = keyOf(host, port);
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (known.state === "idle" && (source === "manual" || known.failures >= MAX_FAILURES)) {
        known.failures = 0;
        known.retryAt = now;
      }
      return false;
    }
    if (this.#known.size >= MAX_KNOWN && !this.#forgetOne()) return false;
    const { via, isSeed } = more;
    const about = { host, port, source, via, isSeed };
    this.#known.set(key, { ...about, failures: 0, retryAt: now, state: "idle" });
    return true;
  }

  /**
   * The address to dial now, marked as being dialed; the one with the fewest failures first, hearsay
   * after the rest, among equals the one of the highest rank.
   *
   * @param isConnected whether a connection to this peer ID (hex) is open already
   * @param isSeeding we have everything: who is said to have it, too, is no use to us
   * @param rankOf BEP 40: see {@linkcode ConnectionRanks}
   */
  next(
    now: number,
    isConnected: (peerId: string) => boolean,
    isSeeding = false,
    rankOf: (known: KnownPeer) => number = () => 0,
  ): KnownPeer | undefined {
    let best: KnownPeer | undefined;
    for (const [key, peer] of this.#known) {
      if (
        peer.state === "idle" && peer.retryAt <= now && !isGivenUp(peer) &&
        !(isSeeding && peer.isSeed) && !this.#selves.has(key) &&
        !this.isBanned(peer.host, peer.port, peer.peerId, now) &&
        !(peer.peerId !== undefined && isConnected(peer.peerId)) &&
        (best === undefined || isBefore(peer, best, rankOf))
      ) {
        best = peer;
      }
    }
    if (best !== undefined) best.state = "dialing";
    return best;
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
  }

  /** The dial failed, or the other end closed before it was of any use. */
  failed(peer: KnownPeer, now: number): void {
    peer.state = "idle";
    peer.failures++;
    peer.retryAt = now + retryDelay(peer.failures, peer.source);
  }

  /** Where peers were met that may be met again, the last one first, up to `most`. */
  met(most: number): RememberedPeer[] {
    return [...this.#known.values()]
      .filter((known) => {
        const key = keyOf(known.host, known.port);
        return known.metAt !== undefined && !isGivenUp(known) && !this.#selves.has(key) &&
          !this.#bans.has(key);
      })
      .sort((a, b) => b.metAt! - a.metAt!)
      .slice(0, most)
      .map(({ host, port, isSeed = false }) => ({ host, port, isSeed }));
  }

  /** A connection that worked has ended. */
  disconnected(peer: KnownPeer, now: number): void {
    peer.state = "idle";
    peer.failures = 0;
    peer.metAt = now;
    peer.retryAt = now + retryDelay(1, peer.source);
  }

  /** We want more than before: who was put off because we wanted nothing may be called now. */
  reconsider(now: number): void {
    for (const peer of this.#known.values()) {
      if (peer.failures === 0) peer.retryAt = Math.min(peer.retryAt, now);
    }
  }

  /** It is us: never dialed again. */
  markSelf(peer: KnownPeer): void {
    peer.state = "idle";
    this.#selves.add(keyOf(peer.host, peer.port));
  }

  /** Proven to have sent wrong data: neither dialed nor let in for an hour. */
  ban(host: string, port: number, peerId: string, now: number): void {
    this.#bans.set(keyOf(host, port), now + BAN_MS);
    this.#bans.set(peerId, now + BAN_MS);
  }

  /** @param peerId hex, where it is known */
  isBanned(host: string, port: number, peerId: string | undefined, now: number): boolean {
    return this.#isBanned(keyOf(host, port), now) ||
      (peerId !== undefined && this.#isBanned(peerId, now)) ||
      this.#unwelcome?.has(host, port, peerId) === true;
  }

  #isBanned(key: string, now: number): boolean {
    const until = this.#bans.get(key);
    return until !== undefined && now < until;
  }

  #forgetOne(): boolean {
    for (const [key, peer] of this.#known) {
      if (peer.state === "idle" && peer.failures > 0) return this.#known.delete(key);
    }
    return false;
  }
}
