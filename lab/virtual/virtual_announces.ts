/**
 * A virtual peer's announces: the engine's schedule and the tracker's store, without a wire between.
 *
 * @module
 */
import { parseIp } from "../../protocol/address.ts";
import { decodePeers } from "../../protocol/compact_peers.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import { AnnounceSchedule } from "../../peer/lab.ts";
import type { MemoryStore } from "../../tracker/mod.ts";
import type { Happening } from "./happening.ts";

const INFO_HASH = new Uint8Array(20).fill(7);
/** Peers that are asked of the tracker. */
const NUMWANT = 50;

/** What announces need of the swarm. */
export interface AnnouncesContext {
  readonly time: { readonly now: number };
  readonly layout: Layout;
  readonly tracker: MemoryStore;
  readonly isTrackerUp: boolean;
  readonly options: {
    /** Seconds between announces; undefined: what our tracker wishes. */
    readonly interval?: number;
    readonly numwant?: number;
  };
  /** Times (ms) of announces, by peer. */
  readonly announces: { peer: number; at: number; event: string }[];
  /** Uniform in [0, 1). */
  random(): number;
  tell(what: Happening): void;
}

/** Who announces. */
interface Announced {
  readonly id: string;
  readonly number: number;
  readonly host: string;
  /** Bytes given. */
  readonly uploaded: number;
  readonly have: { readonly count: number; readonly isFull: boolean };
}

/** One session's. */
export class VirtualAnnounces {
  readonly #swarm: AnnouncesContext;
  readonly #peerId: Uint8Array;
  readonly #plan: AnnounceSchedule;

  /** @param wasComplete it had everything when it came */
  constructor(swarm: AnnouncesContext, peerId: Uint8Array, wasComplete: boolean) {
    this.#swarm = swarm;
    this.#peerId = peerId;
    const tiers = [["http://tracker.test/announce"]];
    this.#plan = new AnnounceSchedule(tiers, () => swarm.random(), wasComplete);
  }

  /** A second has passed: the hosts that the tracker named, where it was time to ask. */
  tick(who: Announced, now: number): string[] {
    const due = this.#plan.next(now, who.have.isFull);
    if (due === undefined) return [];
    const { random, isTrackerUp, announces, options } = this.#swarm;
    const { event } = due;
    announces.push({ peer: who.number, at: now, event });
    if (!isTrackerUp) {
      this.#plan.failed(due, { message: "no answer" }, { now, random });
      const nobody = { isAnswered: false, peers: 0 };
      this.#swarm.tell({ what: "announced", who: who.id, event, ...nobody });
      return [];
    }
    const reply = this.#announce(who, event);
    const interval = options.interval ?? reply.interval;
    this.#plan.succeeded(due, { ...reply, interval }, { now, complete: who.have.isFull });
    const hosts = decodePeers(reply.peers4, 6).map(({ host }) => host);
    const peers = hosts.length;
    this.#swarm.tell({ what: "announced", who: who.id, event, isAnswered: true, peers });
    return hosts;
  }

  /** It goes: the tracker is told, where it answers and knows of it. */
  stop(who: Announced): void {
    if (!this.#swarm.isTrackerUp || this.#plan.takeStopped().length === 0) return;
    this.#announce(who, "stopped");
  }

  #announce(who: Announced, event: "started" | "completed" | "stopped" | "none") {
    const { layout, tracker, options: { numwant = NUMWANT } } = this.#swarm;
    return tracker.announce(
      {
        ...{ infoHash: INFO_HASH, peerId: this.#peerId, port: 6881, event, key: undefined },
        ...{ uploaded: who.uploaded, downloaded: 0, numwant, compact: true, noPeerId: true },
        left: (layout.pieceCount - who.have.count) * layout.pieceLength,
      },
      { address: parseIp(who.host)!, own: [] },
      this.#swarm.time.now,
    );
  }
}
