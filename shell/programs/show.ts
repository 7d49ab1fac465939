/**
 * `vtorrent show <FILE|MAGNET>`: what a .torrent or a magnet link says.
 *
 * @module
 */
import { type Magnet, parseMagnet } from "../../protocol/mod.ts";
import { readTorrent, type TorrentFile } from "../torrent_file.ts";
import type { Column, Row, View } from "../view.ts";
import type { ProgramCall } from "../program_table.ts";

const FACTS: readonly Column[] = [
  { key: "name" },
  { key: "info_hash", title: "info hash" },
  { key: "total_size", title: "size", unit: "bytes" },
  { key: "piece_length", title: "piece length", unit: "bytes" },
  { key: "piece_count", title: "pieces", unit: "count" },
  { key: "file_count", title: "files", unit: "count" },
  { key: "private", unit: "yes-no" },
  { key: "source" },
  { key: "tracker_text", title: "trackers" },
  { key: "web_seed_text", title: "web seeds" },
  { key: "peer_text", title: "peers" },
  { key: "comment" },
  { key: "created_by", title: "created by" },
  { key: "created", title: "created" },
];

const FILES: readonly Column[] = [
  { key: "path", title: "file", flexible: true },
  { key: "length", unit: "bytes" },
];

export async function run({ args, world, screen }: ProgramCall): Promise<number> {
  const [what] = args;
  const isMagnet = /^magnet:/i.test(what!);
  const { json, ...parts } = isMagnet
    ? describeMagnet(parseMagnet(what!))
    : describeTorrent(await readTorrent(what!, world));
  // One object for scripts; facts and a table of files for people.
  if (screen.json) {
    screen.show({ view: "facts", event: "show", columns: [], row: {}, more: json });
  } else {
    screen.show({ view: "facts", event: "show", columns: FACTS, row: parts.row });
    if (parts.files.length > 0) screen.say("");
    if (parts.files.length > 0) screen.show(fileTable(parts.files));
  }
  return 0;
}

interface Description {
  readonly row: Row;
  readonly files: readonly Row[];
  readonly json: Readonly<Record<string, unknown>>;
}

function describeTorrent({ metainfo, infoHash }: TorrentFile): Description {
  const { info, trackers, webSeeds, comment, createdBy, creationDate } = metainfo;
  const files = info.files
    .filter((file) => !file.pad && !file.symlink)
    .map(({ path, length }) => ({ path, length }));
  return {
    row: {
      name: info.name,
      info_hash: infoHash,
      total_size: info.totalSize,
      piece_length: info.pieceLength,
      piece_count: info.pieceCount,
      file_count: files.length,
      private: info.private,
      source: info.source,
      tracker_text: orNothing(trackers.map((tier) => tier.join(" ")).join(" | ")),
      web_seed_text: orNothing(webSeeds.join(" ")),
      comment: comment,
      created_by: createdBy,
      created: creationDate === undefined ? undefined : dateText(creationDate),
    },
    files,
    json: {
      name: info.name,
      info_hash: infoHash,
      info_hash_v2: null,
      piece_length: info.pieceLength,
      piece_count: info.pieceCount,
      total_size: info.totalSize,
      private: info.private,
      trackers,
      web_seeds: webSeeds,
      comment: comment ?? null,
      created_by: createdBy ?? null,
      creation_date: creationDate ?? null,
      source: info.source ?? null,
      files,
    },
  };
}

function describeMagnet(magnet: Magnet): Description {
  const infoHash = magnet.infoHash.toHex();
  const peers = magnet.peers.map(({ host, port }) => `${host}:${port}`);
  return {
    row: {
      name: magnet.name,
      info_hash: infoHash,
      tracker_text: orNothing(magnet.trackers.join(" | ")),
      web_seed_text: orNothing(magnet.webSeeds.join(" ")),
      peer_text: orNothing(peers.join(" ")),
    },
    files: [],
    json: {
      name: magnet.name ?? null,
      info_hash: infoHash,
      info_hash_v2: null,
      piece_length: null,
      piece_count: null,
      total_size: null,
      private: null,
      trackers: magnet.trackers.map((url) => [url]),
      web_seeds: magnet.webSeeds,
      comment: null,
      created_by: null,
      creation_date: null,
      source: null,
      files: null,
      peers,
      select: magnet.select ?? null,
    },
  };
}

function fileTable(rows: readonly Row[]): View {
  return { view: "table", event: "files", items: "files", columns: FILES, rows, empty: "" };
}

function orNothing(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** A date of a .torrent may be any number: one that is no date is shown as it stands. */
function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? String(seconds)
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
