/**
 * Tracker events as sentences.
 *
 * @module
 */
import type { TrackerEvent } from "../tracker/mod.ts";
import { formatCount } from "./format.ts";

/** The sentence for an event that a person at a tracker wants to hear of; undefined for most. */
export function narrateTracker(event: TrackerEvent): string | undefined {
  switch (event.event) {
    case "announce": {
      const what = VERB[event.kind];
      if (what === undefined) return undefined;
      return `${event.peer} (${event.ip}:${event.port}) ${what} "${
        event.name ?? event.infoHash
      }": ` +
        `${formatCount(event.seeders, "seeder")}, ${formatCount(event.leechers, "leecher")}`;
    }
    case "peer-expired":
      return `${event.peer} (${event.ip}:${event.port}) is silent for too long and forgotten`;
    case "published":
      return `${event.peer ?? "Somebody"} publishes "${event.name}"`;
    case "failure":
      return `Refused ${event.ip}: ${event.reason}`;
    default:
      return undefined;
  }
}

const VERB: Readonly<Record<string, string | undefined>> = {
  started: "joins",
  completed: "has all of",
  stopped: "leaves",
};
