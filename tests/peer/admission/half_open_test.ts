import fc from "fast-check";
import { isOverdue, MAX_HALF_OPEN, oldestOfMost } from "../../../peer/admission/half_open.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("the oldest of the address with the most gives way", () => {
  const calls = ["a", "b", "b", "a", "b"].map((address, since) => ({ address, since }));
  assertEquals(oldestOfMost(calls)?.since, 1);
  assertEquals(oldestOfMost(calls.slice(0, 1))?.since, 0);
  assertEquals(oldestOfMost([]), undefined);
});

Deno.test("only the flooding address pays: a peer of another address outlives any number of calls", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 20 }), fc.array(fc.boolean()), (own, order) => {
    // Calls of an honest address and of a flooding one, in any order, with all places taken.
    const waiting = Array.from({ length: MAX_HALF_OPEN }, (_, since) => ({
      address: since < own ? "honest" : "flood",
      since,
    }));
    for (const [i] of order.entries()) {
      const out = oldestOfMost(waiting)!;
      assertEquals(out.address, "flood");
      waiting.splice(waiting.indexOf(out), 1);
      waiting.push({ address: "flood", since: MAX_HALF_OPEN + i });
    }
    assertEquals(waiting.filter(({ address }) => address === "honest").length, own);
  }));
});

Deno.test("a silent peer has seconds while others wait, and ten of them otherwise", () => {
  const silent = { address: "a", since: 0, hasSpoken: false };
  assert(!isOverdue(silent, 2, 9999));
  assert(isOverdue(silent, 2, 10_000));
  assert(!isOverdue(silent, MAX_HALF_OPEN, 2000));
  assert(isOverdue(silent, MAX_HALF_OPEN, 3000));
  const begun = { ...silent, hasSpoken: true };
  assert(!isOverdue(begun, MAX_HALF_OPEN, 9999), "a handshake that began has its time");
  assert(isOverdue(begun, MAX_HALF_OPEN, 10_000));
});
