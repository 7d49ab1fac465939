import fc from "fast-check";
import { BOUNDS, Histogram } from "../../../tracker/contract/histogram.ts";
import { formatMetrics } from "../../../tracker/contract/metrics_text.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";

Deno.test("a histogram counts what is up to each bound", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true })), (durations) => {
      const histogram = new Histogram();
      for (const seconds of durations) histogram.add(seconds);
      assertEquals(histogram.cumulative, [
        ...BOUNDS.map((bound) => durations.filter((seconds) => seconds <= bound).length),
        durations.length,
      ]);
      assert(Math.abs(histogram.sum - durations.reduce((sum, one) => sum + one, 0)) < 1e-9);
    }),
    { seed: 4 },
  );
});

Deno.test("metrics are what Prometheus reads", () => {
  const http = new Histogram();
  http.add(0.00002);
  http.add(5);
  const text = formatMetrics({
    startedAt: 1_700_000_000_500,
    announces: 7,
    scrapes: 2,
    errors: { refused: 3, internal: 0 },
    swarms: 4,
    seeders: 5,
    leechers: 6,
    requestSeconds: { http, udp: new Histogram() },
  });
  const lines = text.split("\n");
  assertEquals(lines.pop(), "");
  const families = new Set<string>();
  for (const line of lines) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      assert(!families.has(type[1]!), `${type[1]} comes twice`);
      families.add(type[1]!);
    } else if (!line.startsWith("# HELP ")) {
      assertMatch(line, /^[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+$/);
      const name = line.replace(/[{ ].*/, "").replace(/_(bucket|sum|count)$/, "");
      assert(families.has(name), `${name} has no type`);
    }
  }
  for (
    const line of [
      "vtorrent_start_time_seconds 1700000000.5",
      "vtorrent_announces_total 7",
      "vtorrent_scrapes_total 2",
      'vtorrent_errors_total{kind="refused"} 3',
      "vtorrent_swarms 4",
      'vtorrent_peers{status="seeder"} 5',
      'vtorrent_peers{status="leecher"} 6',
      'vtorrent_request_seconds_bucket{protocol="http",le="0.00001"} 0',
      'vtorrent_request_seconds_bucket{protocol="http",le="0.00003"} 1',
      'vtorrent_request_seconds_bucket{protocol="http",le="+Inf"} 2',
      'vtorrent_request_seconds_count{protocol="http"} 2',
      'vtorrent_request_seconds_count{protocol="udp"} 0',
    ]
  ) {
    assertStringIncludes(text, `\n${line}\n`);
  }
});
