/**
 * Engine events as sentences.
 *
 * @module
 */
import type { EngineEvent } from "../peer/mod.ts";
import { formatBytes, formatCount, formatDuration, formatRate } from "./format.ts";

/** The sentence for an event that people want to hear of while they type; undefined for the others. */
export function narrate(event: EngineEvent): string | undefined {
  const { name } = event;
  switch (event.event) {
    case "torrent-completed":
      if (event.downloaded === 0) return undefined;
      return `"${name}" is complete: ${formatBytes(event.downloaded)} in ` +
        `${formatDuration(event.seconds)} (${
          formatRate(event.downloaded / Math.max(event.seconds, 0.001))
        })`;
    case "torrent-state":
      return event.state === "error" ? `"${name}" stopped: ${event.reason}` : undefined;
    case "peer-connected":
      return `"${name}": ${whoIs(event.peer, event.client)} connected (${event.address})`;
    case "peer-banned":
      return `"${name}": ${whoIs(event.peer)} banned: ${event.reason}`;
    case "piece-failed":
      return `"${name}": piece ${event.piece} does not match its hash, fetching it again`;
    case "tracker-failed":
      return event.message +
        (event.retryIn === undefined ? "" : `; next try in ${formatDuration(event.retryIn)}`);
    case "tracker-warning":
      return `${event.tracker} says: ${event.message}`;
    default:
      return undefined;
  }
}

/** The same in full, for those who watch everything: the demo. */
export function narrateAll(event: EngineEvent): string | undefined {
  switch (event.event) {
    case "announced":
      return `announces itself (${event.kind}), hears of ${formatCount(event.peers, "peer")}; ` +
        `the swarm has ${formatCount(event.seeders ?? 0, "seeder")} and ` +
        formatCount(event.leechers ?? 0, "leecher");
    case "peer-connected":
      return `connects with ${whoIs(event.peer, event.client)}`;
    case "unchoked":
      return `unchokes ${whoIs(event.peer)}: ${event.reason}`;
    case "choked":
      return `chokes ${whoIs(event.peer)}: ${event.reason}`;
    case "unchoked-by":
      return `may ask ${whoIs(event.peer)} for pieces`;
    case "peer-disconnected":
      return `parts from ${whoIs(event.peer)}: ${event.reason}`;
    case "torrent-completed":
      return `has everything: ${formatBytes(event.downloaded)} in ` +
        `${formatDuration(event.seconds)}, ${
          formatRate(event.downloaded / Math.max(event.seconds, 0.001))
        }`;
    case "torrent-state":
      return event.state === "error" ? `stops: ${event.reason}` : undefined;
    case "tracker-failed":
      return event.message;
    case "piece-failed":
      return `finds piece ${event.piece} broken and asks for it again`;
    case "peer-banned":
      return `bans ${whoIs(event.peer)}: ${event.reason}`;
    default:
      return undefined;
  }
}

/** Peers of ours are called by their ID, all others by what their client calls itself. */
function whoIs(peer: string, client?: string): string {
  if (client === undefined || client === peer) {
    return /^[A-Za-z0-9_-]{1,32}$/.test(peer) ? `peer ${peer}` : peer;
  }
  return client.startsWith("vtorrent") ? `peer ${peer}` : `${peer} (${client})`;
}
