/**
 * `fileinfo`: one torrent in full, and who has it.
 *
 * @module
 */
import { relative, SEPARATOR } from "@std/path";
import { layoutOf, parseMetainfo } from "../../protocol/mod.ts";
import type { PeerSnapshot, TorrentSnapshot, WebSeedSnapshot } from "../../peer/mod.ts";
import type { SwarmNumbers, SwarmPeer } from "../../tracker/mod.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { magnetLink } from "../arguments/magnet_link.ts";
import { lookUpOwn } from "../arguments/known_torrent.ts";
import { findNewest } from "../arguments/swarm_argument.ts";
import type { Verb } from "./verb.ts";
import { otherVersions } from "../trackers/versions.ts";
import { OTHER_VERSIONS } from "./counts.ts";
import { shownPieces } from "../view/long_pieces.ts";
import type { Column, Row, View } from "../view/view.ts";

const FACTS: readonly Column[] = [
  { key: "name" },
  { key: "info_hash", title: "info hash" },
  { key: "size", unit: "bytes" },
  { key: "pieces", unit: "count" },
  { key: "piece_length", title: "piece length", unit: "bytes" },
  { key: "private", unit: "yes-no" },
  { key: "state" },
  { key: "progress", unit: "share" },
  { key: "folder" },
  { key: "seeders", unit: "count" },
  { key: "leechers", unit: "count" },
  { key: "completed", unit: "count" },
  { key: "piece_map", title: "piece map", unit: "pieces" },
  { key: "magnet" },
  OTHER_VERSIONS,
];

const FILES: readonly Column[] = [
  { key: "number", title: "#" },
  { key: "file", flexible: true },
  { key: "on_disk", title: "name here", flexible: true },
  { key: "length", unit: "bytes" },
  { key: "progress", unit: "share" },
  { key: "priority" },
];

const PEERS: readonly Column[] = [
  { key: "peer_id", title: "peer" },
  { key: "ip" },
  { key: "port" },
  { key: "status" },
  { key: "progress", unit: "share" },
  { key: "client", drop: 1 },
];

export const fileinfo: Verb = {
  name: "fileinfo",
  argument: "<NAME>",
  summary: "files, info hash, magnet link, and the peers that have it",
  completes: "catalogue",
  peer: async ({ engine, catalogues }, call) => {
    if (call.rest === "") throw new UsageError("Which torrent? Type fileinfo <NAME>");
    const own = lookUpOwn(engine, call.rest);
    if (own !== undefined) {
      return own.pieceLength === 0
        ? magnetView(own)
        : ownView(own, engine.torrentBytes(own.infoHash));
    }
    const { entry, others } = await catalogues.find(call.rest);
    const fetched = await catalogues.fetch(entry.infoHash, [entry.tracker]);
    if (fetched === undefined) {
      throw new CommandError(
        "failed",
        `${entry.tracker} no longer has "${entry.name}" in its catalogue`,
      );
    }
    const { seeders, leechers, completed } = entry;
    const counts = { seeders, leechers, completed, "other_versions": otherVersions(others) };
    return view(fetched.bytes, entry.infoHash, counts, [entry.tracker]);
  },
  tracker: async ({ tracker }, call) => {
    const { name, infoHash, others } = await findNewest(tracker, call.rest);
    const [{ seeders, leechers, completed }] = await tracker.counts([infoHash]) as [SwarmNumbers];
    const counts = { seeders, leechers, completed, "other_versions": otherVersions(others) };
    const bytes = tracker.catalogue.get(infoHash);
    const about = bytes === undefined
      ? facts({ name, info_hash: infoHash, ...counts })
      : view(bytes, infoHash, counts, tracker.urls);
    const peers = await tracker.peers(infoHash);
    return { view: "several", views: [about, peerTable(peers.map(swarmRow))] };
  },
};

function ownView(torrent: TorrentSnapshot, bytes: Uint8Array): View {
  const row: Row = {
    state: torrent.state,
    progress: torrent.progress,
    folder: torrent.dir,
    "piece_map": shownPieces(torrent),
  };
  const trackers = torrent.trackers.map(({ url }) => url);
  const have = new Map(torrent.files.map((file) => [file.number, file]));
  const disk = torrent.diskPaths?.().map((path) =>
    relative(torrent.dir, path).replaceAll(SEPARATOR, "/")
  );
  const differ = torrent.files.some((file) => file.priority !== "normal");
  const about = view(bytes, torrent.infoHash, row, trackers, (number) => {
    const file = have.get(number);
    if (file === undefined) return {};
    const found = disk?.[number - 1];
    return {
      on_disk: found === file.path ? undefined : found,
      progress: file.length === 0 ? undefined : file.have / file.length,
      priority: differ ? file.priority : undefined,
    };
  });
  const rows = [...torrent.peers.map(connectionRow), ...torrent.webSeeds.map(webSeedRow)];
  return { view: "several", views: [about, peerTable(rows)] };
}

/** All that is known before the metadata came. */
function magnetView(torrent: TorrentSnapshot): View {
  const { name, infoHash, state, progress, dir } = torrent;
  const about = facts({ name, info_hash: infoHash, state, progress, folder: dir });
  return { view: "several", views: [about, peerTable(torrent.peers.map(connectionRow))] };
}

/** What a .torrent says, with `more` facts about it. */
function view(
  bytes: Uint8Array,
  infoHash: string,
  more: Row,
  trackers: readonly string[],
  ofFile?: (number: number) => Row,
): View {
  const metainfo = parseMetainfo(bytes);
  const { info, trackers: tiers, webSeeds } = metainfo;
  const about = facts({
    name: info.name,
    info_hash: infoHash,
    size: layoutOf(info).payloadSize,
    pieces: info.pieceCount,
    piece_length: info.pieceLength,
    private: info.private,
    ...more,
    magnet: magnetLink(metainfo, [...trackers, ...tiers.flat()], webSeeds),
  });
  const rows = info.files.filter((file) => !file.pad && !file.symlink).map((file, i): Row => ({
    number: i + 1,
    file: file.path,
    length: file.length,
    ...ofFile?.(i + 1),
  }));
  const columns = FILES.filter(({ key }) => rows.some((row) => row[key] !== undefined));
  return {
    view: "several",
    views: [about, {
      view: "table",
      event: "files",
      items: "files",
      columns,
      rows,
      empty: "No files.",
    }],
  };
}

function facts(row: Row): View {
  return { view: "facts", event: "fileinfo", columns: FACTS, row };
}

function peerTable(rows: readonly Row[]): View {
  return {
    view: "table",
    event: "peers",
    items: "peers",
    columns: PEERS.filter(({ key }) => rows.some((row) => row[key] !== undefined)),
    rows,
    empty: "No peers at the moment.",
  };
}

function connectionRow(peer: PeerSnapshot): Row {
  return {
    peer_id: peer.name ?? peer.client,
    ip: peer.address,
    port: peer.port,
    status: peer.progress === 1 ? "seeder" : "leecher",
    progress: peer.progress,
    client: peer.client,
  };
}

function webSeedRow(seed: WebSeedSnapshot): Row {
  return {
    peer_id: "web seed",
    ip: seed.address,
    port: seed.port,
    status: seed.status,
    progress: seed.progress,
    client: seed.url,
  };
}

function swarmRow(peer: SwarmPeer): Row {
  return {
    peer_id: peer.name ?? peer.client,
    ip: peer.ip,
    port: peer.port,
    status: peer.status,
    client: peer.client,
  };
}
