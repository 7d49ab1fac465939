import { announceInterval } from "../../../tracker/swarms/announce_interval.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("a young or small swarm comes back in seconds, a large one in half an hour", () => {
  assertEquals(announceInterval(2, 0), 5);
  assertEquals(announceInterval(2, 3600), 10);
  assertEquals(announceInterval(1_000_000, 3600), 1800);
  let last = 0;
  for (let peers = 1; peers < 10_000; peers *= 2) {
    const interval = announceInterval(peers, 3600);
    assert(interval >= last, "it never shrinks as a swarm grows");
    last = interval;
  }
});
