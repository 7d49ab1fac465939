import { RateMeter } from "../../../peer/rate/rate_meter.ts";
import { assertEquals } from "../../support/assert.ts";

/** The rate after each second in which so many bytes came. */
function rates(...seconds: number[]): number[] {
  const meter = new RateMeter();
  return seconds.map((bytes) => {
    meter.add(bytes);
    meter.tick();
    return meter.rate;
  });
}

Deno.test("the rate is the mean of five seconds", () => {
  assertEquals(rates(10, 10, 20, 30, 40, 50, 60), [10, 10, 15, 20, 25, 30, 40]);
});

Deno.test("a transfer that begins is shown as fast as it is from its first full second on", () => {
  assertEquals(rates(0, 0, 0, 30, 100, 100), [0, 0, 0, 30, 100, 100]);
});

Deno.test("a slow drip is a low rate, not a fast one now and then", () => {
  assertEquals(rates(10, 0, 10, 0, 10, 0), [10, 5, 20 / 3, 5, 6, 4]);
});

Deno.test("an ended transfer fades out", () => {
  assertEquals(rates(10, 10, 0, 0, 0, 0, 0), [10, 10, 5, 10 / 3, 2.5, 2, 0]);
});
