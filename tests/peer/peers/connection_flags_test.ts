import fc from "fast-check";
import { RateMeter } from "../../../peer/rate/rate_meter.ts";
import { ConnectionFlags } from "../../../peer/peers/connection_flags.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("a flag of the last second still counts, and ends with the second after it", () => {
  const flags = new ConnectionFlags();
  flags.set("wanting", true);
  flags.set("wanting", false);
  assertEquals([flags.now.wanting, flags.lately("wanting")], [false, true]);
  flags.tick();
  assert(flags.lately("wanting"));
  flags.tick();
  assert(!flags.lately("wanting"));
});

Deno.test("whenever bytes came in the last second, so did the interest that they came by", () => {
  const step = fc.oneof(
    fc.constantFrom("want", "enough", "second"),
    fc.record({ bytes: fc.integer({ min: 1, max: 1000 }) }),
  );
  fc.assert(fc.property(fc.array(step), (steps) => {
    const flags = new ConnectionFlags();
    const meter = new RateMeter();
    for (const one of steps) {
      if (one === "second") {
        meter.tick();
        flags.tick();
      } else if (typeof one === "string") flags.set("wanting", one === "want");
      else if (flags.now.wanting) meter.add(one.bytes);
      assert(flags.lately("wanting") || meter.latest === 0);
    }
  }));
});
