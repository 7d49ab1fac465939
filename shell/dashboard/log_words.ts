/**
 * Log words: an event of the engine as a line of the log. Pure.
 *
 * @module
 */
import type { EngineEvent, Remedy } from "../../peer/mod.ts";
import { formatBytes, formatCount, formatDuration, formatElapsed } from "../base/format.ts";
import { PAGE_REMEDIES, withRemedy } from "./page/remedy_words.ts";
import { eventWords } from "../explain/decision_words.ts";

/** A line, and whether something went wrong. */
export interface LogWords {
  readonly text: string;
  readonly bad: boolean;
}

/** The line for an event; undefined for what happens with every piece. */
export function logWords(event: EngineEvent): LogWords | undefined {
  const good = (text: string): LogWords => ({ text, bad: false });
  const bad = (text: string): LogWords => ({ text, bad: true });
  switch (event.event) {
    case "piece-verified":
      return undefined;
    case "torrent-added":
      return good(`added: ${formatBytes(event.size)}, ${formatCount(event.pieces, "piece")}`);
    case "magnet-added":
      return good("added as a link: its metadata is fetched from peers");
    case "metadata-received":
      return good(`its metadata came from ${formatCount(event.peers, "peer")}`);
    case "metadata-failed":
      return bad("metadata from peers does not match the info hash: it is fetched again");
    case "torrent-restored":
    case "magnet-restored":
      return good(event.wanted === "active" ? "opened" : `opened, ${event.wanted}`);
    case "restore-failed":
      return bad(`cannot be opened: ${withRemedy(event.reason, event.remedy, PAGE_REMEDIES)}`);
    case "torrent-removed":
      return good("removed");
    case "sources-added":
      return good(
        `was added again: ${formatCount(event.trackers, "new tracker")}, ` +
          `${formatCount(event.webSeeds, "new web seed")}, ${formatCount(event.peers, "new peer")}`,
      );
    case "torrent-state": {
      const why = event.reason === undefined
        ? ""
        : `: ${withRemedy(event.reason, event.remedy, PAGE_REMEDIES)}`;
      return {
        text: `is ${STATE_WORDS[event.state] ?? event.state}${why}`,
        bad: event.state === "error",
      };
    }
    case "torrent-checked":
      return good(`checked: ${event.have} of ${formatCount(event.pieces, "piece")} here`);
    case "pieces-lost":
      return bad(`${event.lost} of ${formatCount(event.pieces, "piece")} on disk no longer match`);
    case "torrent-completed":
      return good(
        event.downloaded === 0
          ? "is complete"
          : `is complete: ${formatBytes(event.downloaded)} in ${formatElapsed(event.seconds)}`,
      );
    case "file-completed":
      return good(
        event.path === event.disk
          ? `${event.path} is complete`
          : `${event.path} is complete, on disk as ${event.disk}`,
      );
    case "peer-connected":
      return good(`${event.peer} (${event.address}) connected, found by ${event.source}`);
    case "peer-disconnected":
      return good(`${event.peer} (${event.address}) left: ${event.reason}`);
    case "peer-banned":
      return bad(`${event.peer} (${event.address}) is banned: ${event.reason}`);
    case "choked":
    case "unchoked":
      return good(`${event.peer} ${eventWords(event)}`);
    case "choked-by":
      return good(`${event.peer} chokes us`);
    case "unchoked-by":
      return good(`${event.peer} unchokes us`);
    case "web-seed-failed":
      return bad(
        `web seed ${event.url}: ${event.reason}${event.givenUp ? "; it is not asked again" : ""}`,
      );
    case "piece-failed":
      return bad(eventWords(event)!);
    case "announced": {
      const kind = event.kind === "regular" ? "announced" : `announced “${event.kind}”`;
      return good(
        `${kind} to ${event.tracker}: ${formatCount(event.peers, "peer")}, ` +
          `next in ${formatDuration(event.interval)}`,
      );
    }
    case "trackers-left-out":
      return bad(`names ${event.named} trackers: the first ${event.used} are used`);
    case "tracker-warning":
      return bad(`${event.tracker} warns: ${event.message}`);
    case "tracker-failed":
      return bad(
        `${event.tracker}: ${event.message}` +
          (event.retryIn === undefined ? "" : `; again in ${formatDuration(event.retryIn)}`),
      );
  }
}

/** The line for something that went wrong. */
export function problemWords(
  { message, remedy }: { readonly message: string; readonly remedy: Remedy | undefined },
): LogWords {
  return { text: withRemedy(message, remedy, PAGE_REMEDIES), bad: true };
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  metadata: "fetching its metadata",
  checking: "being checked",
  queued: "waiting for its turn",
  error: "stopped by an error",
};
