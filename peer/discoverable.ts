/**
 * Discoverable: the facts about a torrent that peer discovery needs.
 *
 * @module
 */
import type { PeerSource } from "./snapshot.ts";

/** A torrent, or a link that is none yet, for which peers are looked for. */
export interface Discoverable {
  /** The name it goes by here, in hex, and those of its swarms, 20 bytes: a hybrid has two (BEP 52). */
  readonly infoHash: string;
  readonly hashes: readonly Uint8Array[];
  /** It takes part in its swarm. */
  readonly isRunning: boolean;
  /** BEP 27: its own trackers alone may name peers. */
  readonly isPrivate: boolean;
  readonly isComplete: boolean;
  readonly trackerCount: number;
  /** DHT nodes that its .torrent names (BEP 5). */
  readonly nodes: readonly (readonly [string, number])[];
  addPeers(
    peers: readonly { host: string; port: number }[],
    source: PeerSource,
    via?: string,
  ): void;
}
