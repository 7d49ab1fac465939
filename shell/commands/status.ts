/**
 * `status`: progress of all torrents.
 *
 * @module
 */
import { SHELL_REMEDIES, withRemedy } from "../base/remedies.ts";
import type { TorrentSnapshot } from "../../peer/mod.ts";
import { shownPieces } from "../view/long_pieces.ts";
import type { Verb } from "./verb.ts";
import { watch } from "./watch.ts";
import { swarmTable } from "../view/swarm_table.ts";
import type { Column, Row } from "../view/view.ts";

const TORRENTS: readonly Column[] = [
  { key: "name", flexible: true },
  { key: "state" },
  { key: "pieces", title: "pieces", unit: "pieces", drop: 1 },
  { key: "progress", title: "done", unit: "share" },
  { key: "down", unit: "rate" },
  { key: "up", unit: "rate" },
  { key: "eta", title: "left", unit: "seconds", drop: 3 },
  { key: "peers", unit: "count", drop: 2 },
  { key: "ratio", drop: 4 },
  { key: "size", unit: "bytes", drop: 5 },
  { key: "error", flexible: true, drop: 6 },
];

/** Swarms shown: the largest. */
const MAX_SWARMS = 1000;

const TRACKER: readonly Column[] = [
  { key: "announce" },
  { key: "running", unit: "seconds" },
  { key: "announces", unit: "count" },
  { key: "announces_per_second", title: "per second", unit: "count" },
  { key: "scrapes", unit: "count" },
  { key: "failures", unit: "count" },
  { key: "swarms", unit: "count" },
];

export const status: Verb = {
  name: "status",
  summary: "progress of all torrents; --watch keeps it on the screen",
  flags: ["watch"],
  peer: async ({ engine }, call) => {
    const facts = () => engine.snapshot().torrents.map(torrentRow);
    if (call.flags.watch) await watch(engine, call, facts);
    const rows = facts();
    return {
      view: "table",
      event: "status",
      items: "torrents",
      columns: TORRENTS.filter(({ key }) => key !== "error" || rows.some((row) => row[key])),
      rows,
      empty: "No torrents yet. Type send <FILE>, or list and download <NAME>",
    };
  },
  tracker: async ({ tracker }) => {
    const { urls, startedAt, announces, scrapes, announcesPerSecond, errors, ...stats } =
      await tracker.stats();
    const swarms = await tracker.largestSwarms(MAX_SWARMS);
    return {
      view: "several",
      views: [
        {
          view: "facts",
          event: "tracker",
          columns: TRACKER,
          row: {
            announce: urls.join(" "),
            running: Math.round((Date.now() - startedAt) / 1000),
            announces,
            announces_per_second: Math.round(announcesPerSecond * 10) / 10,
            scrapes,
            failures: errors.refused + errors.internal,
            swarms: Number.isNaN(stats.swarms) ? undefined : stats.swarms,
          },
        },
        swarmTable(swarms, "No swarms yet: no peer has announced itself."),
      ],
    };
  },
};

function torrentRow(torrent: TorrentSnapshot): Row {
  const { downloaded, uploaded } = torrent;
  return {
    name: torrent.name,
    state: torrent.state,
    pieces: shownPieces(torrent),
    "piece_count": torrent.pieceCount,
    "pieces_have": torrent.piecesHave,
    progress: torrent.progress,
    down: torrent.downloadRate,
    up: torrent.uploadRate,
    eta: torrent.eta === undefined ? undefined : Math.round(torrent.eta),
    peers: torrent.peers.length,
    ratio: downloaded > 0 ? (uploaded / downloaded).toFixed(2) : undefined,
    size: torrent.totalSize,
    downloaded,
    uploaded,
    error: torrent.error && withRemedy(torrent.error, torrent.remedy, SHELL_REMEDIES),
  };
}
