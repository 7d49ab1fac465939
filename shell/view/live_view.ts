/**
 * The live view of `status --watch`: one line a torrent, as wide as the window.
 *
 * @module
 */
import type { EngineSnapshot, TorrentSnapshot } from "../../peer/mod.ts";
import { formatCount, formatDuration, formatRate } from "../base/format.ts";
import { shownPieces } from "./long_pieces.ts";
import { paint, renderTable } from "./table.ts";
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

/** Lines that are not torrents: totals, headings, how many more there are. */
const FRAME_LINES = 4;

/** One frame, without a line end behind it. Torrents that move come first where not all fit. */
export function liveFrame(engine: EngineSnapshot, look: TerminalStyle): string {
  const { dim, bold } = paint(look);
  const { torrents, downloadRate, uploadRate } = engine;
  const room = Math.max(1, (look.rows ?? 24) - FRAME_LINES);
  const shown = torrents.length <= room ? torrents : [...torrents].sort(byMotion).slice(0, room);
  const [down, up] = look.unicode ? ["↓", "↑"] : ["down", "up"];
  const head = `${bold(formatCount(torrents.length, "torrent"))}  ` +
    `${down} ${formatRate(downloadRate)}  ${up} ${formatRate(uploadRate)}  ` +
    dim("any key ends this");
  const table = torrents.length === 0 ? "" : renderTable({
    view: "table",
    event: "status",
    items: "torrents",
    columns: COLUMNS,
    rows: shown.map(liveRow),
    empty: "",
  }, { ...look, columns: look.columns - 1 });
  const more = torrents.length - shown.length;
  const rest = more > 0 ? `\n${dim(`and ${formatCount(more, "more torrent")}`)}` : "";
  return `${head}\n${table}`.trimEnd() + rest;
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
