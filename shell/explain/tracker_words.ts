/**
 * Tracker words: requests to a tracker and its replies, in words. Pure.
 *
 * @module
 */
import type { TrackerEvent } from "../../tracker/mod.ts";
import { formatHostPort } from "../../protocol/mod.ts";
import { formatBytes, formatCount } from "../base/format.ts";
import type { Explained } from "./explainer.ts";

/** One line of explain mode at a tracker; undefined for what is no conversation. */
export function explainTracker(event: TrackerEvent, time: number): Explained | undefined {
  const line = (who: string, text: string, asked = true): Explained => ({
    time,
    kind: "tracker",
    ...(asked ? { direction: "received" as const } : {}),
    who,
    text,
    facts: {},
  });
  switch (event.event) {
    case "announce": {
      const { kind, peer, ip, port, left, infoHash, name, seeders, leechers } = event;
      const what = kind === "regular" ? "regular announce" : `announce, event ${kind}`;
      const swarm = name === undefined ? infoHash : `${infoHash} ("${name}")`;
      return line(
        peer,
        `${what}: info hash ${swarm}, listens at ${formatHostPort(ip, port)}, ` +
          `left ${formatBytes(left)}; the swarm has ${formatCount(seeders, "seeder")}, ` +
          `${formatCount(leechers, "leecher")} now`,
      );
    }
    case "scraped":
      return line(event.ip, `scrape: counts of ${formatCount(event.torrents, "torrent")}`);
    case "published":
      return line(event.peer ?? "somebody", `publishes "${event.name}", ${event.infoHash}`);
    case "failure":
      return event.count === undefined
        ? line(event.ip, `refused: ${event.reason}`, false)
        : line(event.ip, `refused, and so were ${event.count} in a second: ${event.reason}`, false);
    case "peer-expired":
      return line(event.peer, "expired: it has not announced for too long", false);
    default:
      return undefined;
  }
}
