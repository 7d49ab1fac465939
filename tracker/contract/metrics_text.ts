/**
 * The tracker's numbers in Prometheus' text format (version 0.0.4), with its standard naming.
 *
 * @module
 */
import { BOUNDS, type Histogram } from "./histogram.ts";

/** What is measured. Counts are since the start. */
export interface Metrics {
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly announces: number;
  readonly scrapes: number;
  /** Requests that were refused, and those that failed by a fault of ours. */
  readonly errors: { readonly refused: number; readonly internal: number };
  readonly swarms: number;
  readonly seeders: number;
  readonly leechers: number;
  /** Seconds of work for an announce or a scrape, without the network. */
  readonly requestSeconds: { readonly http: Histogram; readonly udp: Histogram };
}

/** All of it, one sample a line. */
export function formatMetrics(metrics: Metrics): string {
  const { errors, requestSeconds } = metrics;
  return [
    ...family("vtorrent_start_time_seconds", "gauge", "When the tracker started.", {
      "": metrics.startedAt / 1000,
    }),
    ...family("vtorrent_announces_total", "counter", "Announces answered.", {
      "": metrics.announces,
    }),
    ...family("vtorrent_scrapes_total", "counter", "Scrapes answered.", { "": metrics.scrapes }),
    ...family("vtorrent_errors_total", "counter", "Requests not answered as asked, by kind.", {
      '{kind="refused"}': errors.refused,
      '{kind="internal"}': errors.internal,
    }),
    ...family("vtorrent_swarms", "gauge", "Swarms known.", { "": metrics.swarms }),
    ...family("vtorrent_peers", "gauge", "Peers in all swarms, by what they are.", {
      '{status="seeder"}': metrics.seeders,
      '{status="leecher"}': metrics.leechers,
    }),
    ...family(
      "vtorrent_request_seconds",
      "histogram",
      "Seconds of work for an announce or a scrape, without the network.",
      {
        ...histogramSamples("http", requestSeconds.http),
        ...histogramSamples("udp", requestSeconds.udp),
      },
    ),
    "",
  ].join("\n");
}

/** @param samples values by what follows the name: suffix and labels */
function family(
  name: string,
  type: "counter" | "gauge" | "histogram",
  help: string,
  samples: Record<string, number>,
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...Object.entries(samples).map(([rest, value]) => `${name}${rest} ${value}`),
  ];
}

function histogramSamples(protocol: string, histogram: Histogram): Record<string, number> {
  const counts = histogram.cumulative;
  const buckets = counts.map((count, i): [string, number] => {
    const bound = i < BOUNDS.length ? String(BOUNDS[i]) : "+Inf";
    return [`_bucket{protocol="${protocol}",le="${bound}"}`, count];
  });
  return {
    ...Object.fromEntries(buckets),
    [`_sum{protocol="${protocol}"}`]: histogram.sum,
    [`_count{protocol="${protocol}"}`]: counts.at(-1)!,
  };
}
