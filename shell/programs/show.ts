/**
 * `vtorrent show <FILE|MAGNET>`: what a .torrent or a magnet link says.
 *
 * @module
 */
import {
  layoutOf,
  type LeftOut,
  type Magnet,
  namingSystem,
  parseLink,
  partsOf,
  systemPaths,
} from "../../protocol/mod.ts";
import { fileTree } from "../view/file_tree.ts";
import { sentence } from "../base/format.ts";
import { leftOutParts, leftOutWords } from "../view/left_out_words.ts";
import { renamedInWords } from "../view/renamed_words.ts";
import type { Screen } from "../terminal/screen.ts";
import { readTorrent, type TorrentFile } from "../arguments/torrent_file.ts";
import type { Column, Row, View } from "../view/view.ts";
import type { ProgramCall } from "../help/program_table.ts";

/** In the order and with the words of imdl's `torrent show`. */
const FACTS: readonly Column[] = [
  { key: "name" },
  { key: "comment" },
  { key: "created", title: "creation date" },
  { key: "created_by", title: "created by" },
  { key: "source" },
  { key: "info_hash", title: "info hash" },
  { key: "info_hash_v2", title: "v2 info hash" },
  { key: "torrent_size", title: "torrent size", unit: "bytes" },
  { key: "total_size", title: "content size", unit: "bytes" },
  { key: "private", unit: "yes-no" },
  { key: "tracker_text", title: "tracker" },
  { key: "tier_1", title: "tier 1" },
  { key: "tier_2", title: "tier 2" },
  { key: "tier_3", title: "tier 3" },
  { key: "tier_rest", title: "more tiers" },
  { key: "web_seed_text", title: "web seeds" },
  { key: "peer_text", title: "peers" },
  { key: "piece_length", title: "piece size", unit: "bytes" },
  { key: "piece_count", title: "piece count", unit: "count" },
  { key: "file_count", title: "file count", unit: "count" },
];

const FILES: readonly Column[] = [
  { key: "path", title: "file", flexible: true },
  { key: "length", unit: "bytes" },
];

export async function run({ args, world, screen }: ProgramCall): Promise<number> {
  const [what] = args;
  const link = parseLink(what!);
  const { json, ...parts } = link !== undefined
    ? describeMagnet(link)
    : describeTorrent(await readTorrent(what!, world));
  // One object for scripts; facts and a table of files for people.
  if (screen.json) {
    screen.show({ view: "facts", event: "show", columns: [], row: {}, more: json });
  } else {
    screen.show({ view: "facts", event: "show", columns: FACTS, row: parts.row });
    if (parts.files.length > 0) showFiles(parts.files, screen);
    const renamed = parts.files.flatMap(({ path, disk }) =>
      disk === undefined ? [] : [{ path, disk }]
    );
    if (renamed.length > 0) screen.note(sentence(renamedInWords(renamed.length, renamed)));
    if (parts.leftOut !== undefined) screen.note(sentence(leftOutWords(parts.leftOut)));
  }
  return 0;
}

/** A file, and the path that it is made under on this system where that is another. */
type ShownFile = {
  readonly path: string;
  readonly length: number;
  readonly disk?: string | undefined;
};

interface Description {
  readonly row: Row;
  readonly files: readonly ShownFile[];
  /** Sources that it names and that are not read. */
  readonly leftOut: LeftOut | undefined;
  readonly json: Readonly<Record<string, unknown>>;
}

/** One tracker has a line, several tiers a line each. */
function tierRow(tiers: readonly (readonly string[])[]): Row {
  if (tiers.length <= 1) return { tracker_text: orNothing((tiers[0] ?? []).join(" ")) };
  const texts = tiers.map((tier) => tier.join(" "));
  return {
    tier_1: texts[0],
    tier_2: texts[1],
    tier_3: texts[2],
    tier_rest: orNothing(texts.slice(3).join(" | ")),
  };
}

function describeTorrent({ bytes, metainfo, v1, v2 }: TorrentFile): Description {
  const { info, trackers, webSeeds, comment, createdBy, creationDate } = metainfo;
  const onDisk = info.files.filter((file) => !file.pad && !file.symlink);
  const disk = systemPaths(onDisk.map(partsOf), namingSystem(Deno.build.os));
  const files = onDisk.map(({ path, length }, index): ShownFile => {
    return { path, length, ...(disk[index] !== path && { disk: disk[index] }) };
  });
  return {
    row: {
      name: info.name,
      info_hash: v1,
      info_hash_v2: v2,
      total_size: layoutOf(info).payloadSize,
      piece_length: info.pieceLength,
      piece_count: info.pieceCount,
      file_count: files.length,
      private: info.private,
      source: info.source,
      torrent_size: bytes.length,
      ...tierRow(trackers),
      web_seed_text: orNothing(webSeeds.join(" ")),
      comment: comment,
      created_by: createdBy,
      created: creationDate === undefined ? undefined : dateText(creationDate),
    },
    files,
    leftOut: metainfo.leftOut,
    json: {
      name: info.name,
      info_hash: v1 ?? null,
      info_hash_v2: v2 ?? null,
      piece_length: info.pieceLength,
      piece_count: info.pieceCount,
      total_size: layoutOf(info).payloadSize,
      private: info.private,
      trackers,
      web_seeds: webSeeds,
      comment: comment ?? null,
      created_by: createdBy ?? null,
      creation_date: creationDate ?? null,
      source: info.source ?? null,
      files,
      left_out: leftOutParts(metainfo.leftOut),
    },
  };
}

function describeMagnet(magnet: Magnet): Description {
  const v2 = magnet.infoHashV2?.toHex();
  const name = magnet.infoHash.toHex();
  const v1 = v2?.startsWith(name) ? undefined : name;
  const peers = magnet.peers.map(({ host, port }) => `${host}:${port}`);
  return {
    row: {
      name: magnet.name,
      info_hash: v1,
      info_hash_v2: v2,
      tracker_text: orNothing(magnet.trackers.join(" | ")),
      web_seed_text: orNothing(magnet.webSeeds.join(" ")),
      peer_text: orNothing(peers.join(" ")),
    },
    files: [],
    leftOut: magnet.leftOut,
    json: {
      name: magnet.name ?? null,
      info_hash: v1 ?? null,
      info_hash_v2: v2 ?? null,
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
      left_out: leftOutParts(magnet.leftOut),
    },
  };
}

/** A tree for people, a record each for programs. */
function showFiles(files: readonly ShownFile[], screen: Screen): void {
  screen.say("");
  if (screen.isTerminal) screen.text(fileTree(files, screen.look()));
  else screen.show(fileTable(files));
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
