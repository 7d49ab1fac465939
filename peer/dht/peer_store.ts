/**
 * Peer store of the DHT (BEP 5): which peers have which torrent, kept for other nodes.
 *
 * @module
 */
import { dropOldest } from "./drop_oldest.ts";
import type { PeerAddress } from "../../protocol/address.ts";

/** ms after which an announce is forgotten. */
const PEER_MS = 1_800_000;
/** Torrents, and peers of each. */
const MAX_TORRENTS = 2000;
const MAX_PEERS = 200;

/** Bounded in every way; the oldest goes first. */
export class DhtPeerStore {
  readonly #torrents = new Map<string, Map<string, PeerAddress & { until: number }>>();
  /** Somebody has a torrent (hex). */
  add(infoHash: string, peer: PeerAddress, now: number): void {
    const peers = this.#torrents.get(infoHash) ?? new Map();
    this.#torrents.delete(infoHash);
    this.#torrents.set(infoHash, peers);
    dropOldest(this.#torrents, MAX_TORRENTS);
    const key = `${peer.host} ${peer.port}`;
    peers.delete(key);
    peers.set(key, { ...peer, until: now + PEER_MS });
    dropOldest(peers, MAX_PEERS);
  }

  /** Who has it, the latest first. */
  peers(infoHash: string, count: number, now: number): PeerAddress[] {
    const known = this.#torrents.get(infoHash);
    if (known === undefined) return [];
    for (const [key, { until }] of known) if (until <= now) known.delete(key);
    return [...known.values()].reverse().slice(0, count).map(({ host, port }) => ({ host, port }));
  }
}
