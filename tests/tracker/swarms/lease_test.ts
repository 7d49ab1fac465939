import fc from "fast-check";
import {
  GRACE,
  leaseOf,
  LEASES,
  obeysIntervals,
  promisedLease,
} from "../../../tracker/swarms/lease.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const id = (prefix: string) => new TextEncoder().encode(prefix.padEnd(20, "x"));

Deno.test("only vtorrent is held to every promise", () => {
  assert(obeysIntervals(id("-VT0100-")) && obeysIntervals(id("-VT1000-")));
  for (const other of ["-VT0001-", "-lt0D80-", "-qB4520-", "M7-11-0--", ""]) {
    assert(!obeysIntervals(id(other)), other);
  }
});

Deno.test("a client that always lets the same gap pass, whatever it is told, is never forgotten", () => {
  const interval = fc.integer({ min: 5, max: 1800 });
  fc.assert(fc.property(fc.integer({ min: 1, max: 1200 }), fc.array(interval), (own, intervals) => {
    let lease = leaseOf(intervals[0] ?? 5, false, undefined);
    for (const told of intervals) {
      const gap = Math.max(own, told);
      assert(gap < lease || told > own, `${gap} s are over ${lease} s`);
      lease = leaseOf(told, true, { gap, lease });
      assert(lease >= promisedLease(told) && lease <= LEASES.longest, `${lease} s`);
    }
  }));
});

Deno.test("a peer that announces on time soon has a lease of only two intervals", () => {
  let lease = leaseOf(5, false, undefined);
  let announces = 0;
  for (; lease > 2 * 5 + GRACE; announces++) lease = leaseOf(5, true, { gap: 5, lease });
  assertEquals(lease, promisedLease(5));
  assert(announces <= 20, `${announces} announces`);
});
