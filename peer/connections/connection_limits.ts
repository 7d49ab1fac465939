/**
 * Connection limits of one engine over all torrents: incoming and outgoing connections have shares
 * of their own, so that neither can keep the other out.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import { addressKey } from "../admission/address_key.ts";
import { peerToEvict } from "../peers/idle_eviction.ts";
import { type HalfOpen, oldestOfMost } from "../admission/half_open.ts";
import type { Peer } from "../peers/peer.ts";

/** Connections in all unless told otherwise. */
const MAX_CONNECTIONS = 200;
/** Share of the places, on top of them, that is kept for peers that we call. */
const DIALLED_SHARE = 1 / 4;
/** Calls under way, of all torrents. */
const MAX_DIALS = 128;
/** Callers that wait for a place, and how long they do (ms). */
const MAX_QUEUE = 64;
const QUEUE_MS = 5000;

/** The connections of one torrent. */
export interface LimitedConnections {
  readonly size: number;
  /** How many of them we called. */
  readonly dialled: number;
  /** Calls under way. */
  readonly dialing: number;
  keys(): Iterable<Peer>;
  /** Hangs up on one of no use. */
  giveWay(peer: Peer): void;
}

/** A caller that waits for a place. */
interface Queued extends HalfOpen {
  /** Lets it in, where it now has a place. */
  retry(now: number): boolean;
}

/** Who may come, who goes for it, and who waits. */
export class ConnectionLimits {
  readonly #max: number;
  readonly #connections: () => Iterable<LimitedConnections>;
  readonly #random: () => number;
  readonly #queue = new Map<Connection, Queued>();

  /**
   * @param links of all torrents
   * @param random uniform in [0, 1)
   */
  constructor(
    max: number | undefined,
    connections: () => Iterable<LimitedConnections>,
    random: () => number,
  ) {
    this.#max = max ?? MAX_CONNECTIONS;
    this.#connections = connections;
    this.#random = random;
  }

  /** Whether we may call one more peer. */
  mayDial(): boolean {
    let all = 0;
    let dialled = 0;
    let dialing = 0;
    for (const connections of this.#connections()) {
      all += connections.size;
      dialled += connections.dialled;
      dialing += connections.dialing;
    }
    if (dialing >= MAX_DIALS) return false;
    return all < this.#max || dialled < this.#max * DIALLED_SHARE;
  }

  /** Whether one that called, and is a peer of ours, has a place: where need be, an idle one's. */
  admit(host: string, now: number): boolean {
    const owners = new Map<Peer, LimitedConnections>();
    for (const connections of this.#connections()) {
      for (const peer of connections.keys()) owners.set(peer, connections);
    }
    if (owners.size < this.#max) return true;
    const idle = peerToEvict(owners.keys(), host, now);
    if (idle === undefined) return false;
    owners.get(idle)!.giveWay(idle);
    return true;
  }

  /**
   * A caller found no place: it waits for one, so that nobody gets more of them by calling more often.
   *
   * @param retry lets it in; whether it did
   */
  queue(connection: Connection, now: number, retry: Queued["retry"]): void {
    if (this.#queue.size >= MAX_QUEUE) {
      const queued = [...this.#queue].map(([connection, { address, since }]) => {
        return { connection, address, since };
      });
      this.#refuse(oldestOfMost(queued)!.connection);
    }
    const address = addressKey(connection.remote.host);
    this.#queue.set(connection, { address, since: now, retry });
  }

  /** Whether others of the same address wait already. */
  isQueued(host: string): boolean {
    const own = addressKey(host);
    for (const { address } of this.#queue.values()) if (address === own) return true;
    return false;
  }

  /** A second has passed: lets in who has a place now, in an order that nobody can choose. */
  tick(now: number): void {
    const inLine = [...this.#queue].map((entry) => ({ entry, key: this.#random() }))
      .sort((a, b) => a.key - b.key);
    for (const { entry: [connection, { since, retry }] } of inLine) {
      if (retry(now)) this.#queue.delete(connection);
      else if (now - since >= QUEUE_MS) this.#refuse(connection);
    }
  }

  /** Nobody gets a place any more. */
  close(): void {
    for (const connection of this.#queue.keys()) this.#refuse(connection);
  }

  #refuse(connection: Connection): void {
    this.#queue.delete(connection);
    connection.close("enough peers");
  }
}
