/**
 * Decisions, and what trackers are asked and answer, in words. Pure.
 *
 * @module
 */
import type { EngineEvent, PieceChoice, TrackerTalk } from "../../peer/mod.ts";
import { formatHostPort } from "../../protocol/mod.ts";
import { formatBytes, formatCount, formatDuration } from "../base/format.ts";

/** At most so many addresses of a reply are written out. */
const SHOWN_PEERS = 8;

/** Why a piece is fetched now, and from this peer. */
export function choiceWords({ piece, why, copies, peers }: PieceChoice): string {
  const have = `held by ${copies} of ${formatCount(peers, "peer")}`;
  switch (why) {
    case "rarest":
      return `chosen: piece ${piece}, the rarest it has, ${have}`;
    case "in-order":
      return `chosen: piece ${piece}, the next one in order, ${have}`;
    case "allowed-fast":
      return `chosen: piece ${piece}, an allowed fast piece (BEP 6): it serves it even while it chokes us`;
    case "gap":
      return `chosen: piece ${piece}, start of the longest gap: one request covers several pieces`;
    case "retry":
      return `chosen: piece ${piece} again, from this peer alone, to find the sender of the bad data`;
  }
}

/** The decision or result in an engine event; undefined where it is told elsewhere. */
export function eventWords(event: EngineEvent): string | undefined {
  switch (event.event) {
    case "unchoked":
      return `is unchoked: ${event.reason}`;
    case "choked":
      return `is choked: ${event.reason}`;
    case "piece-verified":
      return `piece ${event.piece} is right: ${event.hash} ${matches(event.hash)}, written`;
    case "piece-failed":
      return `piece ${event.piece} is wrong: ${event.hash} ${differs(event.hash)}; ` +
        `blocks came from ${event.suspects.join(", ")}`;
    case "peer-banned":
      return `is banned: ${event.reason}`;
    case "file-completed":
      return `${event.path} is complete: it gets its final name`;
    case "torrent-completed":
      return "we have every piece: from now on we are a seed";
    default:
      return undefined;
  }
}

/** The verbs for one hash or two. */
function matches(hash: string): string {
  return hash.includes(" and ") ? "match" : "matches";
}

function differs(hash: string): string {
  return hash.includes(" and ") ? "do not both match" : "differs";
}

/** The question. */
export function announceWords({ url, request }: TrackerTalk): string {
  const { event, port, uploaded, downloaded, left, numwant } = request;
  const what = event === "none" ? "regular announce" : `announce, event ${event}`;
  return `${what} to ${url}: info hash ${request.infoHash.toHex()}, we listen on port ${port}, ` +
    `uploaded ${formatBytes(uploaded)}, downloaded ${formatBytes(downloaded)}, ` +
    `left ${formatBytes(left)}, ` +
    (numwant > 0 ? `want ${formatCount(numwant, "peer")}` : "want no peers");
}

/** The answer. */
export function replyWords({ url, reply }: TrackerTalk): string {
  if (typeof reply === "string") return `failed: ${reply}`;
  const { peers, seeders, leechers, interval, minInterval, externalIp, warning } = reply;
  const shown = peers.slice(0, SHOWN_PEERS).map(({ host, port }) => formatHostPort(host, port));
  const more = peers.length - shown.length;
  const parts = [
    `${formatCount(peers.length, "peer")}${peers.length === 0 ? "" : ` (${shown.join(", ")}`}` +
    (peers.length === 0 ? "" : more > 0 ? ` and ${more} more)` : ")"),
    seeders !== undefined && leechers !== undefined &&
    `${formatCount(seeders, "seeder")}, ${formatCount(leechers, "leecher")}`,
    `next announce in ${formatDuration(interval)}`,
    minInterval !== undefined && `not before ${formatDuration(minInterval)}`,
    externalIp !== undefined && `it sees us at ${externalIp}`,
    warning !== undefined && `warning: ${warning}`,
  ];
  return `${url} answers: ${parts.filter((part) => part !== false).join("; ")}`;
}
