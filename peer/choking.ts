/**
 * Carries out what the choker decides, and says why.
 *
 * @module
 */
import type { EngineContext } from "./context.ts";
import { about, type TorrentEvent } from "./events.ts";
import type { Connection } from "./io/connection.ts";
import type { Uploads } from "./io/uploads.ts";
import type { Links } from "./links.ts";
import { Choker } from "./logic/choker.ts";
import type { Peer } from "./logic/peer.ts";

/** BEP 3: choking is reconsidered every ten seconds. */
const ROUND_MS = 10_000;

/** One torrent's unchoked peers. */
export class Choking {
  readonly #context: EngineContext;
  readonly #links: Links;
  readonly #uploads: Uploads;
  readonly #choker: Choker<Peer>;
  readonly #emit: (event: TorrentEvent) => void;
  #nextRound = 0;

  constructor(
    context: EngineContext,
    parts: { links: Links; uploads: Uploads; emit: (event: TorrentEvent) => void },
  ) {
    this.#context = context;
    this.#links = parts.links;
    this.#uploads = parts.uploads;
    this.#emit = parts.emit;
    this.#choker = new Choker(context.uploadSlots);
  }

  /** A round, where one is due. */
  tick(now: number, seeding: boolean): void {
    if (now >= this.#nextRound) this.decide(now, seeding);
  }

  /** Decides anew whom to unchoke: each round, and when a slot has become free. */
  decide(now: number, seeding: boolean): void {
    this.#nextRound = now + ROUND_MS;
    const peers = [...this.#links.keys()];
    const { random } = this.#context;
    for (const { peer, unchoke, reason } of this.#choker.decide(peers, { seeding, now, random })) {
      this.#set(peer, this.#links.get(peer)!, !unchoke, reason);
    }
  }

  /** A slot may have become free: decided at once where somebody waits, in the next round else. */
  release(now: number, seeding: boolean): void {
    for (const peer of this.#links.keys()) {
      if (peer.peerInterested && peer.amChoking) return this.decide(now, seeding);
    }
  }

  /** Somebody became interested: nobody waits for the next round while a slot is free. */
  admit(peer: Peer, connection: Connection): void {
    const others = [...this.#links.keys()].filter((other) => other !== peer);
    if (this.#choker.hasFreeSlot(others)) this.#set(peer, connection, false, "a slot was free");
  }

  /** Chokes everybody. */
  close(reason: string): void {
    for (const [peer, connection] of this.#links) this.#set(peer, connection, true, reason);
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
      connection.writer.unchoke();
    }
    this.#emit({ event: choke ? "choked" : "unchoked", reason, ...about(peer) });
  }
}
