import { WebPace } from "../../../peer/web_seed/web_pace.ts";
import { assertEquals } from "../../support/assert.ts";

/** When and why a request ends that gets so many bytes each second. */
function ending(bytesASecond: number, isLimited = false): { at: number; why: string } | undefined {
  const pace = new WebPace(0);
  for (let now = 1000; now <= 300_000; now += 1000) {
    if (bytesASecond > 0) pace.heard(bytesASecond, now);
    if (isLimited && now % 5000 === 0) pace.pardon(now);
    const why = pace.fault(now);
    if (why !== undefined) return { at: now, why };
  }
  return undefined;
}

Deno.test("a web server that says nothing is given up, and one that sends a byte a second", () => {
  assertEquals(ending(0), { at: 20_000, why: "it sent nothing for 20 s" });
  assertEquals(ending(1), { at: 20_000, why: "it sent 20 bytes in 20 s, too few to wait for" });
});

Deno.test("a slow line is waited for, and whoever waits for our own limit", () => {
  assertEquals(ending(1024), undefined);
  assertEquals(ending(1, true), undefined);
});

Deno.test("silence in the middle ends a request, however much came before", () => {
  const pace = new WebPace(0);
  pace.heard(1 << 20, 15_000);
  assertEquals(pace.fault(20_000), undefined);
  assertEquals(pace.fault(34_999), undefined);
  assertEquals(pace.fault(35_000), "it sent nothing for 20 s");
});
