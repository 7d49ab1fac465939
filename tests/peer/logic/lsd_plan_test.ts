import { LsdPlan } from "../../../peer/logic/lsd_plan.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a torrent is announced after 1 s, after 10 s, then every five minutes", () => {
  const plan = new LsdPlan();
  const times: number[] = [];
  for (let second = 0; second < 700; second++) {
    if (plan.next(["a"], second * 1000).length > 0) times.push(second);
  }
  assertEquals(times, [1, 10, 310, 610]);
});

Deno.test("many torrents share packets, at most one a second", () => {
  const plan = new LsdPlan();
  const torrents = Array.from({ length: 45 }, (_, n) => String(n));
  plan.next(torrents, 0);
  assertEquals(
    [1000, 1500, 2000, 3000, 4000].map((now) => plan.next(torrents, now).length),
    [20, 0, 20, 5, 0],
  );
});

Deno.test("a torrent that was stopped and comes back begins anew", () => {
  const plan = new LsdPlan();
  plan.next(["a"], 0);
  assertEquals(plan.next(["a"], 1000), ["a"]);
  plan.next([], 2000);
  plan.next(["a"], 3000);
  assertEquals(plan.next(["a"], 4000), ["a"]);
});

Deno.test("a flood of others' packets is not read, and one host's leaves room for the rest", () => {
  const plan = new LsdPlan();
  const heard = (host: (n: number) => string, now: number) =>
    Array.from({ length: 100 }, (_, n) => plan.mayHear(host(n), now)).filter(Boolean).length;
  assertEquals(heard(() => "192.168.1.1", 5000), 10);
  assertEquals(heard((n) => `fe80::1:${n}`, 5000), 10, "one /64 is one address");
  assertEquals(heard((n) => `192.168.2.${n}`, 5000), 30);
  assertEquals(heard(() => "192.168.1.1", 6000), 10);
});
