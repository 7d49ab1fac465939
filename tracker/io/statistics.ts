/**
 * The tracker's numbers over HTTP: `/stats` for programs and people, `/metrics` for Prometheus.
 *
 * @module
 */
import { formatMetrics } from "../logic/metrics_text.ts";
import { type HttpReply, jsonReply, refusal } from "../logic/http_reply.ts";
import type { TrackerService } from "../ports.ts";
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
          : refusal(403, "only this network may see what is exchanged here"),
    },
    { method: "GET", path: "/metrics", respond: () => metricsReply(service) },
  ];
}

/** Totals and the largest swarms, as JSON. */
function statsReply(service: TrackerService): HttpReply {
  const { urls, startedAt, announces, announcesPerSecond, scrapes, errors, ...stats } = service
    .stats();
  const swarms = [...stats.swarms]
    .sort((a, b) => b.seeders + b.leechers - a.seeders - a.leechers)
    .slice(0, MAX_SWARMS);
  return jsonReply(200, {
    urls,
    "started_at": startedAt,
    announces,
    "announces_per_second": announcesPerSecond,
    scrapes,
    errors,
    "swarm_count": stats.swarms.length,
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
function metricsReply(service: TrackerService): HttpReply {
  const stats = service.stats();
  const text = formatMetrics({ ...stats, swarms: stats.swarms.length });
  return {
    status: 200,
    type: "text/plain; version=0.0.4; charset=utf-8",
    body: [text],
  };
}
