/**
 * Engine events as sentences.
 *
 * @module
 */
import type { EngineEvent } from "../peer/mod.ts";
import { formatBytes, formatCount, formatDuration, formatElapsed, formatRate } from "./format.ts";

/** Tells people what they want to hear of while they type, and nothing twice. */
export class Narrator {
  /** Trackers whose failure was told: silent until they answer. */
  readonly #failing = new Set<string>();

  /** The sentence for an event; undefined for most. */
  tell(event: EngineEvent): string | undefined {
    const { name } = event;
    switch (event.event) {
      case "torrent-completed":
        if (event.downloaded === 0) return undefined;
        return `"${name}" is complete: ${formatBytes(event.downloaded)} in ` +
          `${formatElapsed(event.seconds)} (${formatRate(event.downloaded / event.seconds)})`;
      case "metadata-received":
        return `"${name}": its metadata (${formatBytes(event.size)}) came from ` +
          formatCount(event.peers, "peer");
      case "metadata-failed":
        return `"${name}": metadata from ${formatCount(event.peers, "peer")} does not match ` +
          "the info hash, fetching it again";
      case "torrent-state":
        return event.state === "error" ? `"${name}" stopped: ${event.reason}` : undefined;
      case "peer-connected":
        return event.client === event.peer
          ? `"${name}": ${event.peer} connected (${event.address})`
          : `"${name}": ${event.peer} connected (${event.client}, ${event.address})`;
      case "peer-banned":
        return `"${name}": ${event.peer} banned: ${event.reason}`;
      case "web-seed-failed":
        return event.givenUp
          ? `"${name}": web seed ${event.url} is of no use: ${event.reason}`
          : undefined;
      case "piece-failed":
        return `"${name}": piece ${event.piece} does not match its hash, fetching it again`;
      case "tracker-failed":
        return this.#failed(event.tracker, event.message, event.retryIn);
      case "announced":
        return this.#failing.delete(event.tracker)
          ? `Tracker ${event.tracker} answers again`
          : undefined;
      case "tracker-warning":
        return `Tracker ${event.tracker} says: ${event.message}`;
      default:
        return undefined;
    }
  }

  #failed(tracker: string, message: string, retryIn: number | undefined): string | undefined {
    if (this.#failing.has(tracker)) return undefined;
    this.#failing.add(tracker);
    return retryIn === undefined ? message : `${message} (next try in ${formatDuration(retryIn)})`;
  }
}
