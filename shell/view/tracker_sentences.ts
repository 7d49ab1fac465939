/**
 * Tracker events as sentences.
 *
 * @module
 */
import type { TrackerEvent } from "../../tracker/mod.ts";
import { formatCount } from "../base/format.ts";

/** The sentence for an event that a person at a tracker wants to hear of; undefined for most. */
export function narrateTracker(event: TrackerEvent): string | undefined {
  switch (event.event) {
    case "announce": {
      const what = VERB[event.kind];
      if (what === undefined) return undefined;
      return `${whoIs(event.peer)} (${event.ip}:${event.port}) ${what} "${
        event.name ?? event.infoHash
      }": ` +
        `${formatCount(event.seeders, "seeder")}, ${formatCount(event.leechers, "leecher")}`;
    }
    case "peer-expired":
      return `${
        whoIs(event.peer)
      } (${event.ip}:${event.port}) has expired: it has not announced for too long`;
    case "published":
      return `${
        event.peer === undefined ? "A peer without a name" : whoIs(event.peer)
      } publishes "${event.name}"`;
    case "unpublished":
      return `"${event.name}" is out of the catalogue`;
    case "unreachable":
      return `${event.ip}:${event.port} does not accept connections from this machine`;
    case "summary": {
      const { seconds, announces, scrapes, failures, swarms, seeders, leechers } = event;
      return `In ${seconds} s ${formatCount(announces, "announce")}, ` +
        `${formatCount(scrapes, "scrape")}, ${failures} refused; now ` +
        `${formatCount(swarms, "swarm")}, ${formatCount(seeders, "seeder")}, ` +
        formatCount(leechers, "leecher");
    }
    case "lists-read":
      return `Reloaded the lists: ${
        [
          event.allowed === undefined ? [] : [`${formatCount(event.allowed, "torrent")} allowed`],
          event.denied === undefined ? [] : [`${formatCount(event.denied, "torrent")} denied`],
        ].flat().join(", ")
      }`;
    case "warning":
      return `Warning: ${event.text}`;
    case "failure":
      return event.count === undefined
        ? `Refused ${event.ip}: ${event.reason}`
        : `Refused ${formatCount(event.count, "more request")} in a second, the last of ` +
          `${event.ip}: ${event.reason}`;
    default:
      return undefined;
  }
}

const VERB: Readonly<Record<string, string | undefined>> = {
  started: "joins",
  completed: "has all of",
  stopped: "leaves",
};

/** vtorrent peers are shown by the ID they were started with, all others by their client's name. */
function whoIs(peer: string): string {
  return /^[A-Za-z0-9_-]{1,32}$/.test(peer) ? `Peer ${peer}` : peer;
}
