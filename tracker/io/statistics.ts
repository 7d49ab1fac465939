/**
 * The tracker's numbers over HTTP: `/stats` for programs and people, `/metrics` for Prometheus.
 *
 * @module
 */
import { formatMetrics } from "../logic/metrics_text.ts";
import type { TrackerService } from "../ports.ts";

/** Swarms in one answer: the largest. */
const MAX_SWARMS = 1000;

/** Totals and the largest swarms, as JSON. */
export function statsResponse(service: TrackerService): Response {
  const { urls, startedAt, announces, announcesPerSecond, scrapes, errors, ...stats } = service
    .stats();
  const swarms = [...stats.swarms]
    .sort((a, b) => b.seeders + b.leechers - a.seeders - a.leechers)
    .slice(0, MAX_SWARMS);
  return Response.json({
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
export function metricsResponse(service: TrackerService): Response {
  const stats = service.stats();
  const text = formatMetrics({ ...stats, swarms: stats.swarms.length });
  return new Response(text, {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}
