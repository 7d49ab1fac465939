import fc from "fast-check";
import { KEPT_MS, Replay } from "../../../../../shell/dashboard/page/board/board_replay.ts";
import { assert, assertEquals } from "../../../../support/assert.ts";

interface Mark {
  readonly at: number;
}

/** A replay of a moment each half second up to a time. */
function recorded(until: number, weight = 1): Replay<Mark> {
  const replay = new Replay<Mark>(() => weight);
  for (let at = 0; at <= until; at += 500) replay.add({ at });
  return replay;
}

Deno.test("live shows the newest, and a pause holds what was shown", () => {
  const replay = recorded(10_000);
  assertEquals(replay.at(10_200)?.at, 10_000);
  replay.pause(10_200);
  replay.add({ at: 10_500 });
  assertEquals([replay.at(60_000)?.at, replay.behind(60_000)], [10_000, 49_800]);
  replay.go(60_000);
  // It goes on from there, at the speed of the clock.
  replay.add({ at: 60_500 });
  assertEquals([replay.at(60_300)?.at, replay.at(60_700)?.at], [10_500, 10_500]);
  replay.live();
  assertEquals([replay.at(60_700)?.at, replay.behind(60_700)], [60_500, 0]);
});

Deno.test("at half speed two seconds pass in four", () => {
  const replay = recorded(20_000);
  replay.slow(true, 20_000);
  for (let at = 20_500; at <= 24_000; at += 500) replay.add({ at });
  assertEquals(replay.at(24_000)?.at, 22_000);
  assertEquals([replay.isSlow, replay.isLive, replay.behind(24_000)], [true, false, 2000]);
  replay.slow(false, 24_000);
  for (let at = 24_500; at <= 26_000; at += 500) replay.add({ at });
  assertEquals(replay.at(26_000)?.at, 24_000);
});

Deno.test("the last minute is shown once more, and then it is live again", () => {
  const replay = recorded(100_000);
  replay.again(100_000);
  assertEquals(replay.at(100_000)?.at, 40_000);
  for (let at = 100_500; at <= 160_000; at += 500) {
    replay.add({ at });
    if (at < 160_000) assertEquals(replay.at(at)?.at, at - KEPT_MS, `${at}`);
  }
  assertEquals([replay.at(160_000)?.at, replay.isLive], [160_000, true]);
});

Deno.test("the last minute at half speed takes two, and nothing of it is lost meanwhile", () => {
  const replay = recorded(100_000);
  replay.slow(true, 100_000);
  replay.again(100_000);
  let seen = 0;
  for (let at = 100_500; at < 220_000; at += 500) {
    replay.add({ at });
    const shown = replay.at(at)!.at;
    assert(shown === 40_000 + Math.floor((at - 100_000) / 1000) * 500, `${at}: ${shown}`);
    seen++;
  }
  assertEquals([seen, replay.at(220_000)!.at, replay.isLive], [239, 219_500, true]);
});

Deno.test("any moment of the last minute can be chosen; paused, it stays", () => {
  const replay = recorded(100_000);
  replay.seek(30_000, 100_000);
  assertEquals([replay.at(100_000)?.at, replay.at(101_000)?.at], [70_000, 71_000]);
  replay.pause(101_000);
  replay.seek(10_000, 101_000);
  assertEquals([replay.at(101_000)?.at, replay.at(150_000)?.at], [91_000, 91_000]);
  replay.go(150_000);
  replay.seek(0, 150_000);
  assertEquals(replay.isLive, true);
});

type Step =
  | { kind: "add" | "pause" | "go" | "again" | "live"; after: number }
  | { kind: "slow"; isSlow: boolean; after: number }
  | { kind: "seek"; behind: number; after: number };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("add"), after: fc.nat(3000) }) },
    fc.record({ kind: fc.constantFrom("pause", "go", "again", "live"), after: fc.nat(3000) }),
    fc.record({ kind: fc.constant("slow"), isSlow: fc.boolean(), after: fc.nat(3000) }),
    fc.record({ kind: fc.constant("seek"), behind: fc.nat(90_000), after: fc.nat(3000) }),
  ) as fc.Arbitrary<Step>,
  { maxLength: 300 },
);

Deno.test("whatever is pressed: nothing of the future is shown, live is the newest, memory is bounded", () => {
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 20_000 }), (steps, weight) => {
    const replay = new Replay<Mark>(() => weight);
    let now = 0;
    let newest: number | undefined;
    let shown: number | undefined;
    for (const step of steps) {
      now += step.after;
      const wasPaused = replay.isPaused;
      if (step.kind === "add") replay.add({ at: newest = now });
      else if (step.kind === "slow") replay.slow(step.isSlow, now);
      else if (step.kind === "seek") replay.seek(step.behind, now);
      else if (step.kind === "live") replay.live();
      else replay[step.kind](now);
      const at = replay.at(now)?.at;
      if (wasPaused && step.kind === "add") assertEquals(at, shown, "a pause holds");
      if (newest !== undefined && !replay.isPaused) assert(at !== undefined && at <= now);
      if (replay.isLive) assertEquals(at, newest);
      assert(replay.behind(now) >= 0);
      assert(replay.size <= 360 && (replay.size <= 2 || replay.size * weight <= 150_000));
      shown = at;
    }
  }));
});
