import { RateLimit } from "../../../peer/rate/rate_limit.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("a rate limit lets its bytes through per second, however often it is asked", () => {
  for (const limit of [3000, 50_000, 10_000_000]) {
    const rate = new RateLimit(limit);
    let sent = 0;
    for (let now = 0; now <= 20_000; now += 100) {
      while (rate.available(now) > 0) {
        rate.spend(16384);
        sent += 16384;
      }
    }
    const perSecond = sent / 20;
    assert(Math.abs(perSecond - limit) <= limit * 0.05 + 16384 / 20, `${perSecond} of ${limit}`);
  }
});

Deno.test("no limit is no limit", () => {
  const rate = new RateLimit(0);
  rate.spend(1e12);
  assertEquals(rate.available(0), Infinity);
});
