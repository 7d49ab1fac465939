import fc from "fast-check";
import { RateMeter } from "../../../peer/logic/rate_meter.ts";
import { Stance } from "../../../peer/logic/stance.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("what held in the last second still does, and is over with the second after it", () => {
  const stance = new Stance();
  stance.set("wanting", true);
  stance.set("wanting", false);
  assertEquals([stance.now.wanting, stance.lately("wanting")], [false, true]);
  stance.tick();
  assert(stance.lately("wanting"));
  stance.tick();
  assert(!stance.lately("wanting"));
});

Deno.test("whenever bytes came in the last second, so did the interest that they came by", () => {
  const step = fc.oneof(
    fc.constantFrom("want", "enough", "second"),
    fc.record({ bytes: fc.integer({ min: 1, max: 1000 }) }),
  );
  fc.assert(fc.property(fc.array(step), (steps) => {
    const stance = new Stance();
    const meter = new RateMeter();
    for (const one of steps) {
      if (one === "second") {
        meter.tick();
        stance.tick();
      } else if (typeof one === "string") stance.set("wanting", one === "want");
      else if (stance.now.wanting) meter.add(one.bytes);
      assert(stance.lately("wanting") || meter.latest === 0);
    }
  }));
});
