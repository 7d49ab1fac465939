import { goalReached } from "../../../peer/torrent/seed_goal.ts";
import { assertEquals, assertMatch } from "../../support/assert.ts";

const FACTS = { uploaded: 1500, size: 1000, seeded: 120 };

Deno.test("enough is a ratio or a time, whichever comes first", () => {
  assertEquals(goalReached({}, FACTS), undefined);
  assertEquals(goalReached({ ratio: 1.6, time: 121 }, FACTS), undefined);
  assertMatch(goalReached({ ratio: 1.5, time: 121 }, FACTS)!, /given 1\.50 times its size/);
  assertMatch(goalReached({ ratio: 2, time: 120 }, FACTS)!, /seeding for 120 s/);
});

Deno.test("nothing at all has no ratio", () => {
  assertEquals(goalReached({ ratio: 0 }, { uploaded: 0, size: 0, seeded: 0 }), undefined);
});
