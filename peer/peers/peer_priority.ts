/**
 * Peer priority (BEP 40): which of many possible connections are made and kept. What it weighs when
 * there are as many as there may be and one more comes:
 *
 * 1. a connection that something passes over stays, and so does one that is new;
 * 2. of the others that with the lowest canonical priority goes, where the newcomer's is higher.
 *
 * Both ends compute the same priority and nobody can choose it, so a swarm in which all are full
 * stays well connected, and nobody gets all places of a peer by calling again and again.
 *
 * @module
 */
import { canonicalPriority } from "../../protocol/canonical_priority.ts";
import { parseIp } from "../../protocol/address.ts";
import type { ExternalIp } from "./external_ip.ts";
import type { Peer } from "./peer.ts";

/** An end of a possible connection. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** ms that a connection has to become of use. */
const NEW_MS = 30_000;

/** Canonical priorities of connections to us. */
export class PeerPriorities {
  readonly #own: ExternalIp;
  readonly #port: number;
  /** By what asks for it, since known addresses are looked through again and again. */
  readonly #known = new WeakMap<Endpoint, { version: number; rank: number }>();

  /** @param port the one we listen on */
  constructor(own: ExternalIp, port: number) {
    this.#own = own;
    this.#port = port;
  }

  /** The rank of a connection to there; the same for all while our own address is not known. */
  of(there: Endpoint): number {
    const known = this.#known.get(there);
    // Our address may become known, or another: then all ranks are others.
    if (known?.version === this.#own.version) return known.rank;
    const ip = parseIp(there.host);
    const own = ip && this.#own.like(ip);
    const rank = own === undefined
      ? 0
      : canonicalPriority({ ip: own, port: this.#port }, { ip: ip!, port: there.port });
    this.#known.set(there, { version: this.#own.version, rank });
    return rank;
  }
}

/**
 * The peer whose place a newcomer takes; undefined where nobody's.
 *
 * @param rank of the newcomer's connection
 */
export function lowestPriority(
  peers: Iterable<Peer>,
  rank: number,
  rankOf: (peer: Peer) => number,
  now: number,
): Peer | undefined {
  let lowest: Peer | undefined;
  let below = rank;
  for (const peer of peers) {
    if (isBusy(peer) || now - peer.connectedAt < NEW_MS) continue;
    const its = rankOf(peer);
    if (its < below) [lowest, below] = [peer, its];
  }
  return lowest;
}

function isBusy(peer: Peer): boolean {
  return peer.requests.size > 0 || peer.uploads.length > 0 ||
    peer.downloadRate > 0 || peer.uploadRate > 0;
}
