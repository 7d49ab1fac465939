import { RedisNotices } from "../../../tracker/redis/redis_notices.ts";
import { assertEquals } from "../../support/assert.ts";

/** Notices of a cluster, what they told, and a clock (ms). */
function notices() {
  const told: string[] = [];
  const clock = { now: 0 };
  const all = new RedisNotices("It", true, (sentence) => told.push(sentence), () => clock.now);
  return { told, clock, all };
}

Deno.test("however many parts fail, it is told once that they do, and once that all are back", () => {
  const { told, all } = notices();
  for (const part of ["a", "b", "a"]) all.failed(part, `${part} is away`);
  const first =
    "It cannot be used in part (a is away): announces of the swarms there are refused until it answers";
  assertEquals(told, [first]);
  all.answered("a");
  all.answered("c");
  assertEquals(told, [first]);
  all.forget("b");
  assertEquals(told, [first, "It answers again"]);
});

Deno.test("a part that refuses one thing is not back when it does another", () => {
  const { told, all } = notices();
  all.failed("a", "out of memory", "announce");
  all.answered("a", "count");
  assertEquals(told.length, 1);
  all.answered("a", "announce");
  assertEquals(told.length, 2);
});

Deno.test("a refusal that nobody met again is over after two minutes", () => {
  const { told, clock, all } = notices();
  all.failed("a", "out of memory", "announce");
  clock.now = 100_000;
  all.failed("a", "out of memory", "announce");
  clock.now = 200_000;
  all.answered("b");
  assertEquals(told.length, 1);
  clock.now = 221_000;
  all.answered("b");
  assertEquals(told.length, 2);
});
