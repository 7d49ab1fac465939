import { KEPT_SAMPLES, RateHistory } from "../../../shell/dashboard/rate_history.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("rates are remembered for ten minutes, the oldest first", () => {
  const history = new RateHistory(2);
  for (let second = 0; second < KEPT_SAMPLES + 5; second++) history.add([["a", [second, -second]]]);
  const series = history.series("a");
  assertEquals([series.length, series[0], series.at(-1)], [600, 5, 604]);
  assertEquals(history.series("a", 1).at(-1), -604);
});

Deno.test("a new torrent starts with an empty history, a removed one is forgotten", () => {
  const history = new RateHistory(1);
  history.add([["a", [1]]]);
  history.add([["a", [2]], ["b", [0.25]]]);
  assertEquals([history.series("a"), history.series("b")], [[1, 2], [0.3]]);
  history.add([["b", [1]]]);
  assertEquals([history.series("a"), history.series("b")], [[], [0.3, 1]]);
  history.add([["a", [9]], ["b", [1]]]);
  assertEquals(history.series("a"), [9]);
});
