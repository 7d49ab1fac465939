/**
 * Where a tracker takes reports for its swarm board, and where it shows them.
 *
 * @module
 */
import { catalogueUrl, classifyIp, parseIp } from "../../protocol/mod.ts";

/** How near a tracker has to be to be told: on this machine, or in its networks. */
export type Reach = "loopback" | "network";

/** Where a tracker takes reports; undefined for one out of reach. */
export function reportUrl(announce: string, reach: Reach = "network"): string | undefined {
  const url = new URL("/api/v1/reports", catalogueUrl(announce));
  const ip = parseIp(url.hostname.replace(/^\[|\]$/g, ""));
  const kind = ip === undefined ? undefined : classifyIp(ip);
  const isHere = kind === undefined ? url.hostname === "localhost" : kind === "loopback";
  const isNear = isHere || kind === "private" || kind === "link-local";
  return (reach === "loopback" ? isHere : isNear) ? url.href : undefined;
}

/** The page with the board of the first tracker that is told of transfers; undefined for none. */
export function boardUrl(trackers: readonly string[], reach: Reach): string | undefined {
  for (const tracker of trackers) {
    const reports = reportUrl(tracker, reach);
    if (reports !== undefined) return new URL("/", reports).href;
  }
  return undefined;
}
