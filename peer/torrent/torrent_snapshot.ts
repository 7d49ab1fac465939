/**
 * A torrent's facts as plain data.
 *
 * @module
 */
import { atOnce, type Steps } from "../../protocol/steps.ts";
import { snapshotPeer } from "../peers/peer_snapshot.ts";
import { emptySnapshot } from "../snapshot.ts";
import { fileNumbers } from "../pieces/file_priorities.ts";
import type {
  EngineSnapshot,
  FileSnapshot,
  PieceSpan,
  PieceStatus,
  TorrentSnapshot,
} from "../snapshot.ts";
import type { Torrent } from "./torrent.ts";

/** Pieces that are looked at between two pauses. */
const PIECES_PER_STEP = 1024;

/** What an engine shows of itself. */
export function snapshotEngine(
  about: Pick<
    EngineSnapshot,
    "name" | "peerId" | "port" | "downloadLimit" | "uploadLimit" | "uploadSlots"
  >,
  torrents: readonly TorrentSnapshot[],
): EngineSnapshot {
  const sum = (of: (torrent: TorrentSnapshot) => number) =>
    torrents.reduce((total, torrent) => total + of(torrent), 0);
  return {
    ...about,
    downloadRate: sum((torrent) => torrent.downloadRate),
    uploadRate: sum((torrent) => torrent.uploadRate),
    downloaded: sum((torrent) => torrent.downloaded),
    uploaded: sum((torrent) => torrent.uploaded),
    torrents,
  };
}

/** What a torrent shows of itself at `now` (ms). Never throws: one that fails hides no other. */
export function snapshotTorrent(torrent: Torrent, now: number): TorrentSnapshot {
  try {
    return factsOf(torrent, now);
  } catch (fault) {
    torrent.fault(fault);
    const { infoHash, name, init: { dir, addedAt }, error } = torrent;
    const about = { infoHash, name, dir, addedAt };
    return { ...emptySnapshot(about), ...errorFacts(error) };
  }
}

function errorFacts(
  error: Torrent["error"],
): Pick<TorrentSnapshot, "error" | "remedy" | "errorKind"> {
  return { error: error?.message, remedy: error?.remedy, errorKind: error?.kind };
}

function factsOf(torrent: Torrent, now: number): TorrentSnapshot {
  const { info, layout, have, exchange, selection } = torrent;
  const { picker, down, up, download } = exchange;
  const left = selection.left(have, layout);
  const wantedSize = selection.size(layout);
  const done = wantedSize === 0 ? 1 : 1 - left / wantedSize;
  let files: readonly FileSnapshot[] | undefined;
  const rate = down.rate;
  const copiesOf = (piece: number) => picker.availability(piece) + exchange.webSeeds.copies(piece);
  const statusOf = (piece: number): PieceStatus => {
    if (have.has(piece)) return "have";
    if (download.isActive(piece)) return "active";
    return copiesOf(piece) > 0 ? "available" : "missing";
  };
  return {
    infoHash: torrent.infoHash,
    name: info.name,
    dir: torrent.init.dir,
    diskName: torrent.init.diskName(),
    // The name of each, then that of its unfinished one.
    diskPaths: () => torrent.init.pathsInUse().filter((_, index) => index % 2 === 0),
    state: torrent.state,
    ...errorFacts(torrent.error),
    private: info.private,
    totalSize: layout.payloadSize,
    pieceLength: layout.pieceLength,
    pieceCount: layout.pieceCount,
    piecesHave: have.count,
    left,
    wantedSize,
    sequential: picker.sequential,
    downloaded: torrent.init.downloaded + down.total,
    uploaded: torrent.init.uploaded + up.total,
    wasted: download.wasted,
    downloadRate: rate,
    uploadRate: up.rate,
    downloadLimit: exchange.downLimit.limit,
    uploadLimit: exchange.upLimit.limit,
    seeded: torrent.seeding.seeded,
    eta: torrent.state === "downloading" && rate > 0 ? left / rate : undefined,
    progress: torrent.checking ?? (torrent.recheck.isUrgent ? torrent.recheck.progress : done) ?? 0,
    verifying: torrent.recheck.progress,
    // These are large where a torrent has many pieces or files, and rarely looked at.
    get distributedCopies() {
      return atOnce(distributedSteps(torrent));
    },
    distributedSteps: () => distributedSteps(torrent),
    get files() {
      return files ??= atOnce(fileSteps(torrent));
    },
    fileSteps: () => fileSteps(torrent),
    addedAt: torrent.init.addedAt,
    completedAt: torrent.completedAt,
    peers: [...exchange.connections.keys()].map(snapshotPeer),
    webSeeds: exchange.webSeeds.snapshot(now),
    trackers: torrent.announces.snapshot(now),
    pieces: () => Array.from({ length: layout.pieceCount }, (_, piece) => statusOf(piece)),
    span: (from, to) => spanOf(torrent, from, to, copiesOf),
    statusOf,
    copiesOf,
    stamps: () => stampsOf(torrent),
  };
}

function stampsOf({ have, selection, exchange }: Torrent): ReturnType<TorrentSnapshot["stamps"]> {
  const owned = [have, have.version];
  return {
    files: [...owned, selection],
    pieces: [...owned, exchange.picker.version, exchange.webSeeds.version],
  };
}

function spanOf(
  { have, exchange }: Torrent,
  from: number,
  to: number,
  copiesOf: (piece: number) => number,
): PieceSpan {
  const owned = have.countIn(from, to - 1);
  const isActive = owned < to - from && exchange.download.isAnyActive(from, to);
  let isMissing = false;
  for (let piece = from; owned === 0 && !isActive && !isMissing && piece < to; piece++) {
    isMissing = copiesOf(piece) === 0;
  }
  return { have: owned, isActive, isMissing };
}

function* fileSteps(torrent: Torrent): Steps<FileSnapshot[]> {
  const { info, selection } = torrent;
  const numbers = fileNumbers(info.files);
  const files: FileSnapshot[] = [];
  for (const [index, { pad, path, offset, length }] of info.files.entries()) {
    yield;
    if (pad) continue;
    const have = bytesOwned(torrent, offset, length);
    files.push({ number: numbers[index], path, priority: selection.files[index]!, length, have });
  }
  return files;
}

/** Bytes of a range that lie in verified pieces. */
function bytesOwned(torrent: Torrent, offset: number, length: number): number {
  const { layout, have } = torrent;
  const pieces = layout.piecesOf(offset, length);
  if (pieces === undefined) return 0;
  const { first, last } = pieces;
  const bytesOf = (piece: number) => {
    if (!have.has(piece)) return 0;
    const from = Math.max(offset, layout.pieceOffset(piece));
    const to = Math.min(offset + length, layout.pieceOffset(piece) + layout.pieceSize(piece));
    return to - from;
  };
  if (first === last) return bytesOf(first);
  // Those in between are whole in it.
  return bytesOf(first) + have.countIn(first + 1, last - 1) * layout.pieceLength + bytesOf(last);
}

/** Copies of the rarest piece, ours included; the fraction is the share of pieces with more. */
function* distributedSteps(torrent: Torrent): Steps<number> {
  const { have, layout, exchange: { picker, webSeeds } } = torrent;
  let rarest = Infinity;
  let above = 0;
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    if (piece % PIECES_PER_STEP === 0) yield;
    const copies = picker.availability(piece) + webSeeds.copies(piece) + Number(have.has(piece));
    if (copies < rarest) {
      above = rarest === Infinity ? 0 : piece;
      rarest = copies;
    } else if (copies > rarest) above++;
  }
  return rarest === Infinity ? 0 : rarest + above / layout.pieceCount;
}
