/**
 * The torrents of an engine, by the name they go by here and by those on the wire.
 *
 * @module
 */
import { swarmHashes } from "../../protocol/info_hash.ts";
import type { Torrent } from "../torrent/torrent.ts";

/** Torrents in the order they came. */
export class TorrentList implements Iterable<Torrent> {
  readonly #torrents = new Map<string, Torrent>();
  /** By each of their names on the wire: a hybrid has two (BEP 52). */
  readonly #bySwarm = new Map<string, Torrent>();

  [Symbol.iterator](): Iterator<Torrent> {
    return this.#torrents.values();
  }

  /** @param infoHash hex: any name of the torrent */
  get(infoHash: string): Torrent | undefined {
    return this.#bySwarm.get(infoHash);
  }

  /** The names of all swarms, 20 bytes each. */
  swarms(): Uint8Array[] {
    return [...this.#torrents.values()].flatMap(({ init }) => swarmHashes(init.hashes));
  }

  add(torrent: Torrent): void {
    this.#torrents.set(torrent.infoHash, torrent);
    for (const name of swarmHashes(torrent.init.hashes)) this.#bySwarm.set(name.toHex(), torrent);
  }

  delete(torrent: Torrent): void {
    this.#torrents.delete(torrent.infoHash);
    for (const name of swarmHashes(torrent.init.hashes)) this.#bySwarm.delete(name.toHex());
  }
}
