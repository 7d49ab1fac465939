import fc from "fast-check";
import { assert, assertEquals } from "../../support/assert.ts";
import { Coverage, Holdings } from "../../../lab/run/holdings.ts";

Deno.test("ranges count each byte once", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 })), {
      maxLength: 30,
    }),
    (ranges) => {
      const coverage = new Coverage();
      const model = new Set<number>();
      for (const [from, length] of ranges) {
        const before = model.size;
        for (let at = from; at < from + length; at++) model.add(at);
        assertEquals(coverage.add(from, from + length), model.size - before);
        assertEquals(coverage.bytes, model.size);
      }
    },
  ));
});

/** 100 bytes in pieces of 32: the last has 4. */
const piecesOf = () => new Holdings(100, 32);

Deno.test("a piece is there when its last right byte came, in any blocks, in any order", () => {
  fc.assert(fc.property(fc.shuffledSubarray([0, 8, 16, 24], { minLength: 4 }), (order) => {
    const holdings = piecesOf();
    order.forEach((begin, index) => {
      const done = holdings.deliver(1, begin, 8, true, "a");
      assertEquals(done, { isDuplicate: false, completes: index === 3, failedFrom: undefined });
    });
    assert(holdings.has(1) && !holdings.isComplete);
    assert(holdings.deliver(1, 0, 8, true, "a").isDuplicate);
  }));
});

Deno.test("a piece with a wrong block fails, names all who sent some of it, and is fetched again", () => {
  const holdings = piecesOf();
  holdings.deliver(0, 0, 16, true, "honest");
  const failed = holdings.deliver(0, 16, 16, false, "liar");
  assertEquals(failed, { isDuplicate: false, completes: false, failedFrom: ["honest", "liar"] });
  assertEquals(holdings.announce(0), "unproven");
  assert(!holdings.deliver(0, 0, 16, true, "honest").isDuplicate, "it had to come again");
  assert(holdings.deliver(0, 16, 16, true, "honest").completes);
});

Deno.test("who fetches only the wrong block again has the piece when it says so", () => {
  const holdings = piecesOf();
  holdings.deliver(0, 0, 16, true, "honest");
  holdings.deliver(0, 16, 16, false, "liar");
  assertEquals(holdings.deliver(0, 16, 16, true, "honest").completes, false);
  assertEquals(holdings.announce(0), "completes");
  assertEquals(holdings.announce(0), "known");
});

Deno.test("the last piece is as short as it is", () => {
  const holdings = piecesOf();
  assertEquals(holdings.lengthOf(3), 4);
  for (const piece of [0, 1, 2]) holdings.add(piece);
  assert(holdings.deliver(3, 0, 4, true, "a").completes);
  assert(holdings.isComplete);
});
