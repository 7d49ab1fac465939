/**
 * Seed sparing: a seed is asked only for what no leecher has, so that little more than one copy has
 * to leave it.
 *
 * What it weighs (check all when changing one):
 *
 * 1. a piece that a leecher has and will soon send (it does not choke us, and its window has room) is
 *    not requested from a seed: the seed's time is for pieces that no other peer has;
 * 2. if such leechers are busy the seed is asked anyway: no request waits to spare it;
 * 3. near the end, when every piece was begun, we wait for a silent peer no longer than a delivering
 *    peer would need for its blocks.
 *
 * @module
 */
import type { Peer } from "../peers/peer.ts";

/** The other peers of a torrent. */
export class SeedSparing {
  readonly #peers: { keys(): Iterable<Peer> };
  /** Whether seeds are spared; whoever is silent is replaced all the same. */
  readonly isOn: boolean;
  /** Told each time that a seed is not asked for a piece which `from` will give. */
  onSpared: ((seed: Peer, piece: number, from: Peer) => void) | undefined;

  /** @param peers all that are connected */
  constructor(peers: { keys(): Iterable<Peer> }, isOn = true) {
    this.#peers = peers;
    this.isOn = isOn;
  }

  /** Whether a piece that a seed could give will come from one who still downloads. */
  spares(seed: Peer, piece: number): boolean {
    if (!this.isOn || !seed.countedAsSeed) return false;
    for (const peer of this.#peers.keys()) {
      if (
        !peer.countedAsSeed && !peer.peerChoking && !peer.snubbed && peer.amInterested &&
        peer.pieces.has(piece) && peer.requests.size * 2 < peer.window.size
      ) {
        this.onSpared?.(seed, piece, peer);
        return true;
      }
    }
    return false;
  }

  /** Whether somebody who gives what we ask for has a piece that a peer was, or would be, asked for. */
  replaces(peer: Peer, piece: number): boolean {
    for (const other of this.#peers.keys()) {
      if (
        other !== peer && !other.peerChoking && !other.snubbed && other.amInterested &&
        other.down.total > 0 && (other.down.rate > 0 || other.requests.size === 0) &&
        other.pieces.has(piece)
      ) return true;
    }
    return false;
  }
}
