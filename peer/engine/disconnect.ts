/**
 * Disconnect and reconnect: a person sends single peers away from all torrents, and lets them come
 * back.
 *
 * @module
 */
import type { EngineContext } from "./context.ts";
import type { Connections } from "../connections/connections.ts";
import type { UserBan, UserBans } from "../peers/user_bans.ts";
import type { MagnetTorrent } from "../magnet/magnet_torrent.ts";
import type { Torrent } from "../torrent/torrent.ts";

/** Peers that are neither called nor let in. Forgotten with the end of the program. */
export class DisconnectedPeers implements Iterable<UserBan> {
  readonly #unwelcome: UserBans;
  readonly #torrents: Iterable<Torrent>;
  readonly #magnets: Iterable<MagnetTorrent>;
  readonly #now: () => number;

  constructor(
    { unwelcome, now }: Pick<EngineContext, "unwelcome" | "now">,
    torrents: Iterable<Torrent>,
    magnets: Iterable<MagnetTorrent>,
  ) {
    this.#unwelcome = unwelcome;
    this.#torrents = torrents;
    this.#magnets = magnets;
    this.#now = now;
  }

  [Symbol.iterator](): Iterator<UserBan> {
    return this.#unwelcome[Symbol.iterator]();
  }

  /** Hangs up on a peer. */
  add(peer: UserBan): void {
    this.#unwelcome.add(peer);
    for (const connections of this.#connections()) connections.sendAway(peer.peerId);
  }

  /** Lets it come back, and calls it where it is known to listen. */
  readmit({ peerId }: UserBan): void {
    this.#unwelcome.delete(peerId);
    for (const connections of this.#connections()) connections.peerList.reconsider(this.#now());
  }

  *#connections(): Generator<Connections> {
    for (const { exchange } of this.#torrents) yield exchange.connections;
    for (const { connections } of this.#magnets) yield connections;
  }
}
