/**
 * `ut_pex`, peer exchange (BEP 11), of one torrent: tells peers which others are connected, and
 * dials the addresses that they tell.
 *
 * @module
 */
import { encodePex, parsePex, type PexPeer } from "../../protocol/extension_message.ts";
import type { Connections } from "../connections/connections.ts";
import type { Peer } from "../peers/peer.ts";
import { PexFlag, PexSchedule } from "./pex_schedule.ts";

/** A second's work for all peers of a torrent, and the answer to what one says. */
export class UtPex {
  readonly #connections: Connections;
  readonly #byPeer = new WeakMap<Peer, PexSchedule>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Tells those who want to know what changed. */
  tick(now: number): void {
    let connected: { peer: Peer; told: PexPeer }[] | undefined;
    for (const [peer, { writer }] of this.#connections) {
      const id = peer.extensions["ut_pex"];
      if (!id) continue;
      connected ??= [...this.#connections.keys()].flatMap((one) => {
        const told = describe(one);
        return told === undefined ? [] : [{ peer: one, told }];
      });
      const others = connected.filter((one) => one.peer !== peer).map(({ told }) => told);
      const message = this.#of(peer).next(others, now);
      if (message !== undefined) writer.extended(id, encodePex(message));
    }
  }

  /** @throws {ProtocolError} */
  onMessage(peer: Peer, payload: Uint8Array, now: number): void {
    for (const { host, port, flags } of this.#of(peer).take(parsePex(payload), now)) {
      const isSeed = (flags & PexFlag.seed) !== 0;
      this.#connections.peerList.add(host, port, "pex", now, { via: peer.address, isSeed });
    }
    this.#connections.dial(now);
  }

  #of(peer: Peer): PexSchedule {
    let pex = this.#byPeer.get(peer);
    if (pex === undefined) this.#byPeer.set(peer, pex = new PexSchedule(peer.host));
    return pex;
  }
}

/** A peer as others are told of it; undefined where nobody knows where it listens. */
function describe(peer: Peer): PexPeer | undefined {
  if (peer.incoming && !peer.knowsPort) return undefined;
  const flags = (peer.protection !== "none" ? PexFlag.encryption : 0) |
    (peer.isSeed || peer.uploadOnly ? PexFlag.seed : 0) |
    (peer.transport === "utp" ? PexFlag.utp : 0) | (peer.incoming ? 0 : PexFlag.reachable);
  return { host: peer.host, port: peer.port, flags };
}
