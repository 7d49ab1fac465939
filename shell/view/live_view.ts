/**
 * The live view of `status --watch`: one line a torrent, as wide as the window.
 *
 * @module
 */
import type { EngineSnapshot, TorrentSnapshot } from "../../peer/mod.ts";
import { formatHostPort } from "../../protocol/mod.ts";
import { formatCount, formatDuration, formatRate, shorten } from "../base/format.ts";
import { shownPieces } from "./long_pieces.ts";
import { paint, renderFacts, renderTable } from "./table.ts";
import type { Column, Row, TerminalStyle } from "./view.ts";

const COLUMNS: readonly Column[] = [
  { key: "name", flexible: true },
  { key: "pieces", unit: "pieces", grow: 60, drop: 1 },
  { key: "progress", title: "done", unit: "share" },
  { key: "down", unit: "rate" },
  { key: "up", unit: "rate", drop: 2 },
  { key: "peers", unit: "count", drop: 3 },
  { key: "left" },
];

/** Lines that are not torrents: totals, headings, how many more there are, keys. */
const FRAME_LINES = 5;

/** What a person does with the frame. */
export interface Steering {
  /** Info hash of the torrent that is marked. */
  readonly chosen?: string | undefined;
  /** Whether there are keys to press. */
  readonly hasKeys?: boolean;
}

/** One frame, without a line end behind it. Torrents that move come first where not all fit. */
export function liveFrame(
  engine: EngineSnapshot,
  look: TerminalStyle,
  { chosen, hasKeys = false }: Steering = {},
): string {
  const { dim, bold } = paint(look);
  const { torrents, downloadRate, uploadRate } = engine;
  const room = Math.max(1, (look.rows ?? 24) - FRAME_LINES);
  const at = torrents.findIndex(({ infoHash }) => infoHash === chosen);
  const shown = torrents.length <= room
    ? torrents
    : at < 0
    ? [...torrents].sort(byMotion).slice(0, room)
    : torrents.slice(firstInView(at, room, torrents.length)).slice(0, room);
  const [down, up] = look.unicode ? ["↓", "↑"] : ["down", "up"];
  const head = `${bold(formatCount(torrents.length, "torrent"))}  ` +
    `${down} ${formatRate(downloadRate)}  ${up} ${formatRate(uploadRate)}`;
  const mark = look.unicode ? "❯ " : "> ";
  const margin = at < 0 ? 0 : mark.length;
  const table = torrents.length === 0 ? "" : renderTable({
    view: "table",
    event: "status",
    items: "torrents",
    columns: COLUMNS,
    rows: shown.map(liveRow),
    empty: "",
  }, { ...look, columns: look.columns - 1 - margin });
  // Behind the heading.
  const marked = at < 0 ? table : table.split("\n").map((line, row) => {
    if (line === "") return line;
    const isChosen = shown[row - 1]?.infoHash === chosen;
    return isChosen ? bold(mark + line) : " ".repeat(margin) + line;
  }).join("\n");
  const more = torrents.length - shown.length;
  const rest = more > 0 ? `\n${dim(`and ${formatCount(more, "more torrent")}`)}` : "";
  const keys = !hasKeys ? "" : torrents.length === 0 ? "any key ends this" : KEYS;
  return `${head}\n${marked}`.trimEnd() + rest + keyLine(keys, look);
}

const KEYS = "Up, Down: choose  Enter: details  p: pause, resume  any other key ends this";
const DETAIL_KEYS = "Up, Down: another  p: pause, resume  any other key: back";

function keyLine(keys: string, look: TerminalStyle): string {
  return keys === "" ? "" : `\n${paint(look).dim(cut(keys, look))}`;
}

function cut(line: string, { columns, unicode }: TerminalStyle): string {
  return shorten(line, columns - 1, unicode ? "…" : "~");
}

/** The first row of so many in view, with the chosen one in the middle where that can be. */
function firstInView(at: number, room: number, count: number): number {
  return Math.max(0, Math.min(count - room, at - Math.floor(room / 2)));
}

const DETAILS: readonly Column[] = [
  { key: "name" },
  { key: "state" },
  { key: "error" },
  { key: "pieces", unit: "pieces" },
  { key: "progress", title: "done", unit: "share" },
  { key: "size", unit: "bytes" },
  { key: "left", unit: "bytes" },
  { key: "down", unit: "rate" },
  { key: "up", unit: "rate" },
  { key: "ratio" },
  { key: "folder" },
  { key: "info_hash", title: "info hash" },
];

const PEERS: readonly Column[] = [
  { key: "peer", flexible: true },
  { key: "address", drop: 1 },
  { key: "progress", title: "has", unit: "share" },
  { key: "down", unit: "rate" },
  { key: "up", unit: "rate" },
  { key: "client", drop: 2 },
];

/** One torrent in full, and as many of its peers as fit, the fastest first. */
export function detailFrame(torrent: TorrentSnapshot, look: TerminalStyle): string {
  const { name, state, progress, totalSize, left, dir, infoHash, error, peers } = torrent;
  const { downloadRate, uploadRate, downloaded, uploaded } = torrent;
  const narrow = { ...look, columns: look.columns - 1 };
  const facts = renderFacts(DETAILS, {
    name,
    state,
    error,
    pieces: shownPieces(torrent),
    progress,
    size: totalSize,
    left,
    down: downloadRate,
    up: uploadRate,
    ratio: downloaded > 0 ? (uploaded / downloaded).toFixed(2) : undefined,
    folder: dir,
    info_hash: infoHash,
  }, narrow);
  const fastest = [...peers].sort((a, b) =>
    b.downloadRate + b.uploadRate - a.downloadRate - a.uploadRate
  );
  const rows = look.rows ?? 24;
  // Less the heading of the peers, how many more there are, and the keys.
  const room = rows - facts.split("\n").length - 3;
  const shown = fastest.slice(0, Math.max(0, room));
  const table = shown.length === 0 ? "" : renderTable({
    view: "table",
    event: "peers",
    items: "peers",
    columns: PEERS,
    rows: shown.map((peer): Row => ({
      peer: peer.name ?? peer.client,
      address: formatHostPort(peer.address, peer.port),
      progress: peer.progress,
      down: peer.downloadRate,
      up: peer.uploadRate,
      client: peer.client,
    })),
    empty: "",
  }, narrow);
  const more = peers.length - shown.length;
  const rest = more > 0 ? `and ${formatCount(more, "more peer")}` : "";
  // A path may be wider than the window.
  const lines = (facts + table + rest).trimEnd().split("\n").map((line) => cut(line, look));
  return lines.slice(0, Math.max(1, rows - 2)).join("\n") + keyLine(DETAIL_KEYS, look);
}

function liveRow(torrent: TorrentSnapshot): Row {
  const { name, state, eta, progress, downloadRate, uploadRate, peers } = torrent;
  return {
    name,
    pieces: shownPieces(torrent),
    progress,
    down: downloadRate,
    up: uploadRate,
    peers: peers.length,
    left: state !== "downloading" ? state : eta === undefined ? "∞" : formatDuration(eta),
  };
}

function byMotion(a: TorrentSnapshot, b: TorrentSnapshot): number {
  return Number(b.left > 0) - Number(a.left > 0) ||
    b.downloadRate + b.uploadRate - a.downloadRate - a.uploadRate;
}

/** Whether nothing is on its way any more: where nobody can press a key, watching ends then. */
export function isSettled({ torrents }: EngineSnapshot): boolean {
  return torrents.every(({ state }) => state !== "downloading" && state !== "checking");
}

/** Tells when a download in the background is worth a line: at each quarter, else every 10 s. */
export class Milestones {
  readonly #told = new Map<string, { at: number; quarter: number }>();

  /**
   * @param now ms
   * @param progress 0 to 1; asked only where a line may be due
   */
  isDue(infoHash: string, now: number, progress: () => number): boolean {
    const last = this.#told.get(infoHash);
    if (last === undefined) {
      this.#told.set(infoHash, { at: now, quarter: Math.floor(progress() * 4) });
      return false;
    }
    if (now - last.at < QUIET_MS) return false;
    const quarter = Math.floor(progress() * 4);
    if (quarter >= 4 || (quarter === last.quarter && now - last.at < SLOW_MS)) return false;
    this.#told.set(infoHash, { at: now, quarter });
    return true;
  }

  /** The download has ended. */
  forget(infoHash: string): void {
    this.#told.delete(infoHash);
  }
}

/** ms between two lines at least, and where nothing much happens. */
const QUIET_MS = 1000;
const SLOW_MS = 10_000;
