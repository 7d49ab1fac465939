import fc from "fast-check";
import {
  LEAST_WAIT,
  LONGEST_WAIT,
  untilNextAnnounce,
  untilNextTry,
} from "../../../peer/rate/server_backoff.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const seconds = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 4_294_967_295, Number.MAX_SAFE_INTEGER));
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

Deno.test("no wish of a server leads to a hurry, or to a wait without end", () => {
  fc.assert(fc.property(seconds, seconds, random, (wish, other, random) => {
    const waits = [
      untilNextAnnounce({ interval: wish, minInterval: other }),
      untilNextTry(5, wish, random),
      untilNextTry(1800, undefined, random),
    ];
    for (const wait of waits) assert(wait >= LEAST_WAIT && wait <= LONGEST_WAIT, `${wait} s`);
  }));
});

Deno.test("a server's retry time is kept up to a day, and never undercut", () => {
  for (const interval of [5, 1800, 7200, 43_200]) {
    assertEquals(untilNextAnnounce({ interval }), interval);
    assertEquals(untilNextAnnounce({ interval: 3, minInterval: interval }), interval);
  }
  fc.assert(fc.property(fc.integer({ min: 3, max: 80_000 }), random, (wish, random) => {
    const wait = untilNextTry(1, wish, random);
    assert(wait >= wish && wait <= wish * 1.1);
  }));
});

Deno.test("those that are refused together do not come back together", () => {
  const randoms = [0, 0.25, 0.5, 0.75];
  const waits = randoms.map((random) => untilNextTry(5, 600, random));
  assertEquals(new Set(waits).size, randoms.length);
});
