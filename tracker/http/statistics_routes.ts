/**
 * The tracker's numbers over HTTP: `/stats` for programs and people, `/metrics` for Prometheus.
 *
 * @module
 */
import { formatMetrics } from "../contract/metrics_text.ts";
import { type HttpReply, jsonReply, refusal } from "./http_reply.ts";
import type { TrackerService } from "../contract/ports.ts";
import { isNear } from "./catalogue_routes.ts";
import type { Route } from "./route.ts";

/** Swarms in one answer: the largest. */
const MAX_SWARMS = 1000;

export function statisticsRoutes(service: TrackerService): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/stats",
      // Names and info hashes of what is exchanged here are nothing for strangers.
      respond: ({ address }) =>
        isNear(address)
          ? statsReply(service)
          : refusal(403, "only addresses of this network may see this"),
    },
    { method: "GET", path: "/metrics", respond: () => metricsReply(service) },
  ];
}

/** Totals and the largest swarms, as JSON. */
async function statsReply(service: TrackerService): Promise<HttpReply> {
  const { urls, startedAt, announces, announcesPerSecond, scrapes, errors, ...stats } =
    await service.stats();
  const swarms = await service.largestSwarms(MAX_SWARMS);
  return jsonReply(200, {
    urls,
    "started_at": startedAt,
    announces,
    "announces_per_second": announcesPerSecond,
    scrapes,
    errors,
    "swarm_count": stats.swarms,
    "seeders": stats.seeders,
    "leechers": stats.leechers,
    "swarms": swarms.map(({ infoHash, name, seeders, leechers, completed }) => ({
      "info_hash": infoHash,
      name: name ?? null,
      seeders,
      leechers,
      completed,
    })),
  });
}

/** Totals in Prometheus' text format. They name no torrent and no peer. */
async function metricsReply(service: TrackerService): Promise<HttpReply> {
  const text = formatMetrics(await service.stats());
  return {
    status: 200,
    type: "text/plain; version=0.0.4; charset=utf-8",
    body: [text],
  };
}
