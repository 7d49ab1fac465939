/**
 * Report that a peer sends its tracker, twice a second at most, for the swarm board: small, bounded,
 * and believed only as far as it can be checked.
 *
 * @module
 */
import type { PeerSnapshot, TorrentSnapshot } from "../../peer/mod.ts";
import { UsageError } from "../base/errors.ts";
import type { BoardLink, BoardSeat } from "./page/api_types.ts";

/** Largest report, bytes of JSON. */
export const MAX_REPORT = 256 * 1024;
/** Torrents in one report: those that move most. */
export const MAX_TORRENTS = 4;
/** Connections of one torrent: those that move most. */
const MAX_LINKS = 40;
/** A row of the board has so many cells at most; then several pieces share one. */
export const MAX_CELLS = 1024;
/** Cells on their way that are told. */
const MAX_ACTIVE = 64;
/** Seconds to go that are told: a year. */
const MAX_ETA = 365 * 86_400;
/** Characters of a name and of a reason. */
const MAX_TEXT = 100;

/** One torrent in a report. */
export type ReportedTorrent = Omit<BoardSeat, "peer_id" | "name">;

/** A report. */
export interface Report {
  /** The 20 bytes of the reporter's peer ID in hex. */
  readonly "peer_id": string;
  readonly name: string;
  readonly torrents: readonly ReportedTorrent[];
}

/** Bytes of a torrent that were taken and given in an earlier run of the peer. */
export interface Earlier {
  readonly downloaded: number;
  readonly uploaded: number;
}

/** A report of what moves most. `earlier` is what a torrent, by its info hash, does not count. */
export function makeReport(
  { name, peerId, torrents }: {
    name: string;
    peerId: string;
    torrents: readonly TorrentSnapshot[];
  },
  earlier: ReadonlyMap<string, Earlier> = new Map(),
): Report {
  const rate = (torrent: TorrentSnapshot) => torrent.downloadRate + torrent.uploadRate;
  return {
    "peer_id": peerId,
    name: name.slice(0, MAX_TEXT),
    torrents: torrents
      .filter(({ state, pieceCount }) =>
        pieceCount > 0 && (state === "downloading" || state === "seeding")
      )
      .sort((a, b) => rate(b) - rate(a) || b.addedAt - a.addedAt)
      .slice(0, MAX_TORRENTS)
      .map((torrent) => reportTorrent(torrent, earlier.get(torrent.infoHash))),
  };
}

function reportTorrent(torrent: TorrentSnapshot, earlier: Earlier | undefined): ReportedTorrent {
  const { cells, perCell } = cellsOf(torrent.pieceCount);
  const have = new Uint8Array(Math.ceil(cells / 8));
  const active: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const [from, to] = [cell * perCell, Math.min((cell + 1) * perCell, torrent.pieceCount)];
    const span = torrent.span(from, to);
    if (span.have === to - from) have[cell >> 3]! |= 0x80 >> (cell & 7);
    else if (active.length < MAX_ACTIVE && span.isActive) active.push(cell);
  }
  return {
    "info_hash": torrent.infoHash,
    "torrent": torrent.name.slice(0, MAX_TEXT),
    pieces: torrent.pieceCount,
    have: have.toBase64(),
    active,
    progress: floorTo(torrent.progress, 1000),
    size: torrent.totalSize,
    downloaded: Math.max(0, torrent.downloaded - (earlier?.downloaded ?? 0)),
    uploaded: Math.max(0, torrent.uploaded - (earlier?.uploaded ?? 0)),
    "download_rate": Math.round(torrent.downloadRate),
    "upload_rate": Math.round(torrent.uploadRate),
    eta: torrent.eta === undefined || torrent.eta > MAX_ETA ? null : Math.ceil(torrent.eta),
    links: torrent.peers.toSorted((a, b) => b.uploadRate - a.uploadRate).slice(0, MAX_LINKS)
      .map(reportLink),
  };
}

function reportLink(peer: PeerSnapshot): BoardLink {
  return {
    to: peer.peerId,
    name: (peer.name ?? peer.client).slice(0, MAX_TEXT),
    rate: Math.round(peer.uploadRate),
    given: peer.uploaded,
    choked: peer.amChoking,
    wanted: peer.peerInterested,
    reason: peer.chokeReason.slice(0, MAX_TEXT),
  };
}

/** Cells of a board's row for so many pieces, and pieces in one. */
export function cellsOf(pieces: number): { cells: number; perCell: number } {
  const perCell = Math.max(1, Math.ceil(pieces / MAX_CELLS));
  return { cells: Math.ceil(pieces / perCell), perCell };
}

/** Reads a report that somebody sent. @throws {UsageError} naming what is wrong */
export function parseReport(value: Readonly<Record<string, unknown>>): Report {
  const torrents = listIn(value, "torrents", MAX_TORRENTS);
  return {
    "peer_id": hashIn(value, "peer_id"),
    name: textIn(value, "name"),
    torrents: torrents.map((torrent) => {
      const pieces = numberIn(torrent, "pieces", 1, 2 ** 31);
      const { cells } = cellsOf(pieces);
      const have = textIn(torrent, "have", MAX_CELLS);
      if (!isBits(have, Math.ceil(cells / 8))) throw wrong("have");
      const active = torrent["active"];
      if (!Array.isArray(active) || active.length > MAX_ACTIVE) throw wrong("active");
      return {
        "info_hash": hashIn(torrent, "info_hash"),
        "torrent": textIn(torrent, "torrent"),
        pieces,
        have,
        active: active.map((cell: unknown) => {
          if (!Number.isInteger(cell) || Number(cell) < 0 || Number(cell) >= cells) {
            throw wrong("active");
          }
          return Number(cell);
        }),
        progress: numberIn(torrent, "progress", 0, 1),
        ...amountsIn(torrent),
        "download_rate": numberIn(torrent, "download_rate", 0, 1e12),
        "upload_rate": numberIn(torrent, "upload_rate", 0, 1e12),
        links: listIn(torrent, "links", MAX_LINKS).map((link) => ({
          to: hashIn(link, "to"),
          name: textIn(link, "name"),
          rate: numberIn(link, "rate", 0, 1e12),
          given: amountIn(link, "given"),
          choked: link["choked"] === true,
          wanted: link["wanted"] === true,
          reason: textIn(link, "reason"),
        })),
      };
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** What peers of earlier versions do not report: 0, or not known. */
function amountsIn(
  torrent: Fields,
): Pick<ReportedTorrent, "size" | "downloaded" | "uploaded" | "eta"> {
  return {
    size: amountIn(torrent, "size"),
    downloaded: amountIn(torrent, "downloaded"),
    uploaded: amountIn(torrent, "uploaded"),
    eta: (torrent["eta"] ?? null) === null ? null : numberIn(torrent, "eta", 0, MAX_ETA),
  };
}

/** Bytes; 0 where nothing is said of them. */
function amountIn(from: Fields, key: string): number {
  return from[key] === undefined ? 0 : numberIn(from, key, 0, Number.MAX_SAFE_INTEGER);
}

/** All of it is told only once it is all. */
function floorTo(share: number, parts: number): number {
  return Math.floor(share * parts) / parts;
}

function wrong(key: string): UsageError {
  return new UsageError(`The report's "${key}" is malformed`);
}

function textIn(from: Fields, key: string, longest = MAX_TEXT): string {
  const value = from[key];
  if (typeof value === "string" && value.length <= longest) return value;
  throw wrong(key);
}

function hashIn(from: Fields, key: string): string {
  const value = from[key];
  if (typeof value === "string" && /^[0-9a-f]{40}$/.test(value)) return value;
  throw wrong(key);
}

function numberIn(from: Fields, key: string, least: number, most: number): number {
  const value = from[key];
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw wrong(key);
}

function listIn(from: Fields, key: string, longest: number): Fields[] {
  const value = from[key];
  const isList = Array.isArray(value) && value.length <= longest &&
    value.every((one) => typeof one === "object" && one !== null);
  if (isList) return value as Fields[];
  throw wrong(key);
}

function isBits(base64: string, bytes: number): boolean {
  try {
    return Uint8Array.fromBase64(base64).length === bytes;
  } catch {
    return false;
  }
}
