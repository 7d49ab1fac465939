/**
 * Waiting for a torrent to be complete, and how far it is.
 *
 * @module
 */
import { type RemedyWords, withRemedy } from "../base/remedies.ts";
import type { Engine, TorrentSnapshot } from "../../peer/mod.ts";
import { CommandError } from "../base/errors.ts";
import {
  displayWidth,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  shorten,
  visible,
} from "../base/format.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";
import { shownPieces } from "../view/long_pieces.ts";
import { pieceBar, shareBar } from "../view/piece_bar.ts";
import type { ProgressReport } from "./screen.ts";
import type { TerminalStyle } from "../view/render_view.ts";

/** When to give up. */
export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Seconds. */
  readonly timeout: number | undefined;
  /** How a person goes on where it stopped. */
  readonly remedies: RemedyWords;
}

/**
 * Resolves when every byte of a torrent is here and under its final name.
 *
 * @throws {CommandError} where it stopped, was stopped, or took too long
 */
export async function untilComplete(
  engine: Engine,
  infoHash: string,
  { signal, timeout, remedies }: WaitOptions,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => {
    const torrent = snapshotOf(engine, infoHash);
    if (torrent?.state === "seeding" && torrent.completedAt !== undefined) return resolve();
    const problem = problemOf(torrent, remedies);
    if (problem !== undefined) reject(problem);
  };
  const giveUp = (kind: "unfinished" | "timed-out", why: string) => () => {
    const torrent = snapshotOf(engine, infoHash);
    const share = torrent === undefined ? "" : ` at ${formatShare(torrent.progress)}`;
    reject(new CommandError(kind, `${why}${share}: run the same command to continue from there`));
  };
  const stopped = giveUp("unfinished", "Stopped");
  using _subscription = engine.subscribe((event) => {
    if (event.infoHash === infoHash && WATCHED.has(event.event)) look();
  });
  const timer = timeout === undefined ? undefined : setTimeout(
    giveUp("timed-out", `Not complete after ${formatDuration(timeout)},`),
    timeout * 1000,
  );
  signal.addEventListener("abort", stopped);
  try {
    if (signal.aborted) stopped();
    look();
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stopped);
  }
}

const WATCHED: ReadonlySet<string> = new Set([
  "torrent-completed",
  "torrent-state",
  "torrent-removed",
]);

function problemOf(
  torrent: TorrentSnapshot | undefined,
  remedies: RemedyWords,
): CommandError | undefined {
  if (torrent === undefined) return new CommandError("failed", "The torrent was removed");
  if (torrent.state === "error") {
    return new CommandError(
      torrent.errorKind === "full" ? "disk-full" : "failed",
      withRemedy(torrent.error ?? "The torrent cannot continue", torrent.remedy, remedies),
    );
  }
  if (torrent.state === "paused" || torrent.state === "stopped") {
    return new CommandError(
      "failed",
      `"${torrent.name}" was ${torrent.state} before it was complete`,
    );
  }
  return undefined;
}

/** Progress of a torrent, for {@linkcode Screen.progress}. */
export function downloadProgress(engine: Engine, infoHash: string): ProgressReport {
  return {
    line: (look) => {
      const torrent = snapshotOf(engine, infoHash);
      return torrent === undefined ? "" : progressLine(torrent, look);
    },
    facts: () => {
      const torrent = snapshotOf(engine, infoHash);
      if (torrent === undefined) return { infoHash };
      const { name, state, progress, downloadRate, uploadRate, eta, peers } = torrent;
      return {
        infoHash,
        name,
        state,
        progress,
        downloadRate,
        uploadRate,
        eta,
        peers: peers.length,
      };
    },
  };
}

/** `lecture.pdf ▒█░░ 45%  12.0 MiB/s  2 peers  3s left`, cut to the width. */
export function progressLine(torrent: TorrentSnapshot, look: TerminalStyle): string {
  const { state, progress, downloadRate, uploadRate, eta, peers } = torrent;
  const isWhole = state === "checking" || state === "metadata";
  const facts = state === "checking" ? ["checking", formatShare(progress)] : [
    formatShare(progress),
    ...(state === "downloading"
      ? [formatRate(downloadRate)]
      : state === "metadata"
      ? ["of its metadata"]
      : [state, `up ${formatRate(uploadRate)}`]),
    formatCount(peers.length, "peer"),
    ...(eta === undefined ? [] : [`${formatDuration(eta)} left`]),
  ];
  const name = visible(torrent.name);
  if (look.form !== "screen") return [name, ...facts].join("  ");
  // What is dull gives way to the name in a narrow window.
  const least = Math.min(12, displayWidth(name)) + 3;
  while (facts.length > 2 && least + displayWidth(facts.join("  ")) > look.columns) {
    facts.pop();
  }
  const tail = facts.join("  ");
  const room = look.columns - 1 - displayWidth(tail) - 4;
  const bar = Math.min(30, Math.floor(room / 2));
  const shown = shorten(name, Math.max(0, room - bar), look.unicode ? "…" : "~");
  if (bar < 4) return `${shown}  ${tail}`.slice(0, look.columns - 1);
  const drawn = isWhole ? shareBar(progress, bar, look) : pieceBar(shownPieces(torrent), bar, look);
  return `${shown}  ${drawn}  ${tail}`;
}

/** Progress of hashing files. */
export function hashProgress(what: string): {
  readonly report: ProgressReport;
  readonly update: (done: number, total: number) => void;
} {
  let done = 0;
  let total = 0;
  const share = () => total === 0 ? 0 : done / total;
  return {
    update: (nowDone, nowTotal) => [done, total] = [nowDone, nowTotal],
    report: {
      line: (look) => {
        const tail = `${formatShare(share())} of ${formatBytes(total)}`;
        const name = visible(what);
        if (look.form !== "screen") return `hashing ${name}  ${tail}`;
        const room = look.columns - 1 - tail.length - 4 - "hashing ".length;
        const bar = Math.max(0, Math.min(30, Math.floor(room / 2)));
        const shown = shorten(name, Math.max(0, room - bar), look.unicode ? "…" : "~");
        return `hashing ${shown}  ${shareBar(share(), bar, look)}  ${tail}`;
      },
      facts: () => ({ what, done, total }),
    },
  };
}
