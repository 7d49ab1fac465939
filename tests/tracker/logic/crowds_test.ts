import fc from "fast-check";
import { crowdShares, MAX_ALONE, someOf } from "../../../tracker/logic/crowds.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

Deno.test("shares fill the room as far as there are peers, and no host has more for being many", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 });
  const number = fc.integer({ min: 0, max: 500 });
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 200 }),
    number,
    sizes,
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    (room, alone, crowds, random) => {
      const shares = crowdShares(room, alone, crowds, 0, random);
      const given = shares.reduce((sum, share) => sum + share, 0);
      const all = crowds.reduce((sum, size) => sum + size, 0);
      assert(given <= room && shares.every((share, i) => share >= 0 && share <= crowds[i]!));
      assertEquals(Math.min(room - given, alone) + given, Math.min(room, alone + all));
      // Whoever has less than another has all of its own.
      const most = Math.max(...shares);
      if (most > MAX_ALONE) {
        shares.forEach((share, i) => assert(share === crowds[i] || share >= most - 1));
      }
    },
  ));
});

Deno.test("a reply looks at some crowds only, at each at some time", () => {
  const random = seededRandom(5);
  const crowds = Array.from({ length: 300 }, (_, i) => i);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const some = someOf(crowds, random);
    assertEquals(new Set(some).size, 64);
    for (const one of some) seen.add(one);
  }
  assertEquals(seen.size, 300);
});
