import fc from "fast-check";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";
import { AccessLink } from "../../../lab/real/access_link.ts";
import { DelayLine, lossyRate, SEGMENT } from "../../../lab/real/delay_line.ts";

Deno.test("an access link lets through its rate and no more, whoever sends", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1_000, max: 10_000_000 }),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 65_536 })), {
      minLength: 1,
      maxLength: 50,
    }),
    (rate, packets) => {
      const link = new AccessLink(rate);
      let [now, sum, last] = [0, 0, 0];
      for (const [gap, bytes] of packets) {
        now += gap;
        sum += bytes;
        const passed = link.pass(now, bytes);
        assert(
          passed >= last + bytes / rate * 1000 - 1e-6,
          "it is busy until the one before passed",
        );
        assert(passed >= sum / rate * 1000 - 1e-6, "more than its rate passed");
        last = passed;
      }
      // Nothing idles while something waits: with all of it there from the start it is exact.
      const full = new AccessLink(rate);
      for (const [, bytes] of packets) last = full.pass(0, bytes);
      assert(Math.abs(last - sum / rate * 1000) < 1e-3);
    },
  ));
});

Deno.test("a link without a limit delays nothing, and a changed rate counts from then on", () => {
  const link = new AccessLink(undefined);
  assertEquals(link.pass(5, 1_000_000), 5);
  link.setRate(1000);
  assertEquals(link.pass(5, 500), 505);
});

Deno.test("what leaves in order arrives in order, no earlier than the delay says", () => {
  fc.assert(fc.property(
    fc.record({
      latency: fc.integer({ min: 0, max: 300 }),
      jitter: fc.integer({ min: 0, max: 100 }),
      loss: fc.constantFrom(0, 0.01, 0.2),
    }),
    fc.integer(),
    fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 }),
    (line, seed, gaps) => {
      const way = new DelayLine(line, seededRandom(seed));
      let [now, last] = [0, 0];
      for (const gap of gaps) {
        now += gap;
        const arrives = way.arrival(now, SEGMENT);
        assert(arrives >= last && arrives >= now);
        assert(arrives >= now + line.latency - line.jitter);
        if (line.loss === 0) assert(arrives <= Math.max(last, now + line.latency + line.jitter));
        last = arrives;
      }
    },
  ));
});

Deno.test("loss costs time: TCP's rate is at most 1.22 segments per round trip and root of the loss", () => {
  const line = { latency: 50, jitter: 0, loss: 0.01 };
  assertEquals(Math.round(lossyRate(line) * 1000), Math.round(1.22 * 1448 / (0.1 * 0.1)));
  const way = new DelayLine(line, seededRandom(1));
  let arrives = 0;
  for (let i = 0; i < 1000; i++) arrives = way.arrival(0, SEGMENT);
  assert(arrives >= 1000 * SEGMENT / lossyRate(line), `${arrives}`);
});
