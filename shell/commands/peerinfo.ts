/**
 * `peerinfo`: the connections of a peer, or the active peers of a tracker.
 *
 * @module
 */
import type { PeerSnapshot, WebSeedSnapshot } from "../../peer/mod.ts";
import type { SwarmPeer } from "../../tracker/mod.ts";
import type { Verb } from "./verb.ts";
import type { Column, Row } from "../view/view.ts";

const CONNECTIONS: readonly Column[] = [
  { key: "peer_id", title: "peer", flexible: true },
  { key: "ip", drop: 1 },
  { key: "port", drop: 2 },
  { key: "torrent", flexible: true },
  { key: "progress", title: "has", unit: "share" },
  { key: "down", unit: "rate" },
  { key: "up", unit: "rate", drop: 0.5 },
  { key: "we", title: "we" },
  { key: "they", title: "they" },
  { key: "latency", drop: 3 },
  { key: "requests", title: "asked", unit: "count", drop: 4 },
  { key: "source", title: "heard of", drop: 5 },
  { key: "client", drop: 5 },
  { key: "encryption", drop: 7 },
  { key: "transport", drop: 8 },
  { key: "choke_reason", title: "choke", flexible: true, drop: 0.7 },
];

const PEERS: readonly Column[] = [
  { key: "peer_id", title: "peer" },
  { key: "ip" },
  { key: "port" },
  { key: "score", unit: "count" },
  { key: "uploaded", unit: "bytes", drop: 1 },
  { key: "downloaded", unit: "bytes", drop: 1 },
  { key: "client", drop: 2 },
  { key: "shares", flexible: true },
];

export const peerinfo: Verb = {
  name: "peerinfo",
  aliases: ["peers"],
  summary: "connected peers, and both sides' state",
  peer: ({ engine }) => ({
    view: "table",
    event: "peerinfo",
    items: "peers",
    columns: CONNECTIONS,
    rows: engine.snapshot().torrents.flatMap(({ name, peers, webSeeds }) => [
      ...peers.map((peer) => connectionRow(peer, name)),
      ...webSeeds.map((seed) => webSeedRow(seed, name)),
    ]),
    empty: "No connections at the moment.",
  }),
  tracker: async ({ tracker }) => {
    const byPeer = new Map<
      string,
      { peer: SwarmPeer; shares: string[]; up: number; down: number }
    >();
    for (const { name, infoHash, peers } of (await tracker.snapshot()).swarms) {
      for (const peer of peers) {
        const known = byPeer.get(peer.peerId) ?? { peer, shares: [], up: 0, down: 0 };
        known.shares.push(name ?? infoHash);
        known.up += peer.uploaded;
        known.down += peer.downloaded;
        byPeer.set(peer.peerId, known);
      }
    }
    return {
      view: "table",
      event: "peerinfo",
      items: "peers",
      columns: PEERS,
      rows: [...byPeer.values()].map(({ peer, shares, up, down }): Row => ({
        peer_id: peer.name ?? peer.client,
        ip: peer.ip,
        port: peer.port,
        // In MiB, as the tracker rounds it for one swarm.
        score: Math.round((up - down) / 2 ** 20 * 100) / 100,
        uploaded: up,
        downloaded: down,
        client: peer.client,
        shares: shares.join("; "),
      })),
      empty: "No active peers.",
    };
  },
};

function connectionRow(peer: PeerSnapshot, torrent: string): Row {
  return {
    peer_id: peer.name ?? peer.client,
    ip: peer.address,
    port: peer.port,
    torrent,
    progress: peer.progress,
    down: peer.downloadRate,
    up: peer.uploadRate,
    we: stance(peer.amChoking, peer.amInterested),
    they: stance(peer.peerChoking, peer.peerInterested) + (peer.snubbed ? ", snubbed" : ""),
    latency: peer.latency === undefined ? undefined : `${Math.round(peer.latency)} ms`,
    requests: peer.requests,
    client: peer.client,
    encryption: peer.protection,
    transport: peer.transport,
    source: peer.via === undefined ? peer.source : `${peer.source} ${peer.via}`,
    choke_reason: peer.chokeReason,
  };
}

function webSeedRow(seed: WebSeedSnapshot, torrent: string): Row {
  return {
    peer_id: "web seed",
    ip: seed.address,
    port: seed.port,
    torrent,
    progress: seed.progress,
    down: seed.downloadRate,
    up: 0,
    they: seed.status,
    requests: seed.requests,
    client: seed.url,
  };
}

/** One side of a connection in words. */
function stance(choking: boolean, interested: boolean): string {
  return `${choking ? "choke" : "unchoke"}${interested ? ", want" : ""}`;
}
