import fc from "fast-check";
import { RateLimit } from "../../../peer/rate/rate_limit.ts";
import { RoundRobin, type Served } from "../../../peer/rate/round_robin.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const BLOCK = 16384;

Deno.test("a peer that asks often gets no more than one that waits", () => {
  const limit = new RateLimit(4 * BLOCK);
  const turns = new RoundRobin<string>(limit);
  const got = new Map<string, number>();
  const take = (who: string) => (): Served => {
    limit.spend(BLOCK);
    got.set(who, (got.get(who) ?? 0) + 1);
    return "more";
  };
  for (const who of ["a", "b", "c"]) turns.queue(who, take(who));
  for (let now = 0; now <= 30_000; now += 50) {
    turns.queue("a", take("a"));
    turns.run(now);
  }
  const counts = ["a", "b", "c"].map((who) => got.get(who)!);
  assert(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
  assert(Math.min(...counts) >= 39, counts.join());
});

Deno.test("a peer with a tight limit of its own delays no other and keeps its place", () => {
  const limit = new RateLimit(10 * BLOCK);
  const turns = new RoundRobin<string>(limit);
  const order: string[] = [];
  let isOpen = false;
  turns.queue("tight", () => {
    if (!isOpen) return "later";
    order.push("tight");
    return "done";
  });
  for (const who of ["x", "y"]) {
    turns.queue(who, () => {
      order.push(who);
      limit.spend(BLOCK);
      return "done";
    });
  }
  turns.run(0);
  assertEquals(order, ["x", "y"]);
  isOpen = true;
  turns.queue("z", () => {
    order.push("z");
    return "done";
  });
  turns.run(1000);
  assertEquals(order, ["x", "y", "tight", "z"]);
  assertEquals(turns.size, 0);
});

Deno.test("who goes on is served before the others, also where the limit came in between", () => {
  const limit = new RateLimit(2 * BLOCK);
  const turns = new RoundRobin<string>(limit);
  const order: string[] = [];
  for (const who of ["a", "b"]) {
    let left = 5;
    turns.queue(who, () => {
      limit.spend(BLOCK);
      order.push(who);
      left--;
      return left === 0 ? "done" : left === 2 ? "more" : "on";
    });
  }
  for (let now = 0; turns.size > 0; now += 100) turns.run(now);
  assertEquals(order.join(""), "aaabbbaabb");
});

Deno.test("turns are shared evenly, whoever joins and leaves when", () => {
  const peers = fc.integer({ min: 0, max: 4 });
  const step = fc.oneof(
    fc.record({ join: peers }),
    fc.record({ leave: peers }),
    fc.constant({ run: true }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const limit = new RateLimit(2 * BLOCK);
      const turns = new RoundRobin<number>(limit);
      /** Who was served, since each came. */
      let served: number[] = [];
      const present = new Map<number, number>();
      let now = 0;
      for (const one of steps) {
        if ("join" in one) {
          turns.queue(one.join, () => {
            limit.spend(BLOCK);
            served.push(one.join);
            return "more";
          });
          if (!present.has(one.join)) present.set(one.join, served.length);
        } else if ("leave" in one) {
          turns.leave(one.leave);
          present.delete(one.leave);
        } else turns.run(now += 700);
        // Between two turns of one peer, no other is served more than once more.
        for (const [who, since] of present) {
          const later = served.slice(since);
          const mine = later.filter((other) => other === who).length;
          for (const other of present.keys()) {
            const theirs = later.filter((one) => one === other).length;
            assert(theirs <= mine + 1, `${other} had ${theirs} turns, ${who} ${mine}`);
          }
        }
      }
      served = [];
    }),
    { seed: 5, numRuns: 300 },
  );
});
