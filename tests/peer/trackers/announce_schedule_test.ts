import { AnnounceSchedule } from "../../../peer/trackers/announce_schedule.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

const half = () => 0.5;
const reply = { interval: 100 };

Deno.test("plan says started once, completed once, and nothing in between before its time", () => {
  const plan = new AnnounceSchedule([["http://a/announce"]], half);
  const started = plan.next(0, false)!;
  assertEquals(started.event, "started");
  assertEquals(plan.next(0, false), undefined, "one at a time");
  plan.succeeded(started, reply, { now: 0, complete: false });
  assertEquals(plan.next(99_999, false), undefined);
  const completed = plan.next(50_000, true)!;
  assertEquals(completed.event, "completed");
  plan.succeeded(completed, reply, { now: 50_000, complete: true });
  assertEquals(plan.next(100_000, true), undefined);
  assertEquals(plan.next(150_000, true)!.event, "none");
});

Deno.test("a peer that starts complete never says completed", () => {
  const plan = new AnnounceSchedule([["http://a/announce"]], half);
  plan.succeeded(plan.next(0, true)!, reply, { now: 0, complete: true });
  assertEquals(plan.next(99_000, true), undefined);
});

Deno.test("plan stays with the first tracker that answers and asks lower tiers only in need", () => {
  const plan = new AnnounceSchedule([["http://a/", "http://b/"], ["http://c/"]], seededRandom(1));
  const first = plan.next(0, false)!;
  plan.failed(first, { message: "down" }, { now: 0, random: half });
  const second = plan.next(0, false)!;
  assertEquals([first.tracker.tier, second.tracker.tier], [0, 0]);
  assert(first.tracker !== second.tracker);
  plan.succeeded(second, reply, { now: 0, complete: false });
  assertEquals(plan.next(99_000, false), undefined, "the failed one is not asked while one works");
  assertEquals(plan.next(100_000, false)!.tracker, second.tracker);
  plan.failed(second, { message: "down" }, { now: 100_000, random: half });
  const third = plan.next(100_000, false)!;
  plan.failed(third, { message: "down" }, { now: 100_000, random: half });
  assertEquals(plan.next(100_000, false)!.tracker.url, "http://c/");
});

Deno.test("a dead tracker is asked ever less often, with jitter", () => {
  const plan = new AnnounceSchedule([["http://a/"]], half);
  const waits: (number | undefined)[] = [];
  let now = 0;
  for (let i = 0; i < 10; i++) {
    const wait = plan.failed(plan.next(now, false)!, { message: "down" }, { now, random: half });
    waits.push(wait);
    now += wait! * 1000;
  }
  assertEquals(waits, [5, 10, 20, 40, 60, 120, 300, 600, 1800, 1800]);
  const jittered = new AnnounceSchedule([["http://a/"]], half);
  const facts = { now: 0, random: () => 0 };
  assertEquals(jittered.failed(jittered.next(0, false)!, { message: "" }, facts), 5 * 0.75);
});

Deno.test("retry in is obeyed (BEP 31), never means never", () => {
  const plan = new AnnounceSchedule([["http://a/"]], half);
  const facts = { now: 0, random: () => 0 };
  assertEquals(plan.failed(plan.next(0, false)!, { message: "no", retryIn: 5 }, facts), 300);
  assertEquals(plan.next(299_000, false), undefined);
  const again = plan.next(300_000, false)!;
  assertEquals(plan.failed(again, { message: "no", retryIn: "never" }, facts), undefined);
  plan.hurry(1e12);
  assertEquals(plan.next(1e12, false), undefined);
});

Deno.test("stopped is owed to trackers that know us, and to no others", () => {
  const plan = new AnnounceSchedule([["http://a/"], ["http://b/"]], half);
  const first = plan.next(0, false)!;
  plan.failed(first, { message: "down" }, { now: 0, random: half });
  plan.succeeded(plan.next(0, false)!, reply, { now: 0, complete: false });
  assertEquals(plan.takeStopped().map(({ url }) => url), ["http://b/"]);
  assertEquals(plan.takeStopped(), []);
  assertEquals(plan.next(10_000, false)!.event, "started", "after a stop it begins anew");
});

Deno.test("a higher tier that answers again is gone back to (BEP 12)", () => {
  const plan = new AnnounceSchedule([["http://a/"], ["http://b/"]], half);
  plan.failed(plan.next(0, false)!, { message: "down" }, { now: 0, random: half });
  plan.succeeded(plan.next(0, false)!, reply, { now: 0, complete: false });
  assertEquals(plan.next(50_000, false), undefined, "not before it is time for the one that works");
  const above = plan.next(100_000, false)!;
  assertEquals([above.tracker.url, above.event], ["http://a/", "started"]);
  plan.failed(above, { message: "down" }, { now: 100_000, random: half });
  const below = plan.next(100_000, false)!;
  assertEquals([below.tracker.url, below.event], ["http://b/", "none"]);
  plan.succeeded(below, reply, { now: 100_000, complete: false });
  plan.succeeded(plan.next(200_000, false)!, reply, { now: 200_000, complete: false });
  assertEquals(plan.next(300_000, false)!.tracker.url, "http://a/");
  assertEquals(plan.takeStopped().length, 2, "both know us");
});

Deno.test("retry in 0 does not undercut the back-off, nor does a number without end beat a day", () => {
  const plan = new AnnounceSchedule([["http://a/"]], half);
  let now = 0;
  let asked = 0;
  for (; now < 60_000; now += 100) {
    const due = plan.next(now, false);
    if (due === undefined) continue;
    asked++;
    plan.failed(due, { message: "no", retryIn: 0 }, { now, random: half });
  }
  assertEquals(asked, 4, "0, 5, 15 and 35 s");
  now = 1e6;
  const wait = plan.failed(plan.next(now, false)!, { message: "no", retryIn: 999_999 }, {
    now,
    random: half,
  });
  assertEquals(wait, 86_400);
});

Deno.test("min interval counts beside a failure, too, and intervals above an hour are kept", () => {
  const plan = new AnnounceSchedule([["http://a/"]], half);
  const facts = { now: 0, random: () => 0 };
  const refused = { message: "not yet", minInterval: 900 };
  assertEquals(plan.failed(plan.next(0, false)!, refused, facts), 900);
  const due = plan.next(900_000, false)!;
  plan.succeeded(due, { interval: 7200 }, { now: 900_000, complete: false });
  assertEquals(due.tracker.nextAt, 900_000 + 7_200_000);
});

Deno.test("of thousands of trackers the first fifty are used, each once", () => {
  const url = (n: number) => `http://t${n}/announce`;
  const tiers = Array.from({ length: 5000 }, (_, n) => [url(n), url(n + 1)]);
  const plan = new AnnounceSchedule(tiers, () => 0.5);
  const used = plan.trackers.map((tracker) => tracker.url);
  assertEquals(used.toSorted(), Array.from({ length: 50 }, (_, n) => url(n)).toSorted());
});
