import { announceInterval } from "../../../tracker/logic/announce_interval.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const id = (prefix: string) => new TextEncoder().encode(prefix.padEnd(20, "x"));

Deno.test("a young or small swarm comes back in seconds, a large one in half an hour", () => {
  const vtorrent = id("-VT0100-");
  assertEquals(announceInterval(2, 0, vtorrent), 5);
  assertEquals(announceInterval(2, 3600, vtorrent), 10);
  assertEquals(announceInterval(1_000_000, 3600, vtorrent), 1800);
  let last = 0;
  for (let peers = 1; peers < 10_000; peers *= 2) {
    const interval = announceInterval(peers, 3600, vtorrent);
    assert(interval >= last, "it never shrinks as a swarm grows");
    last = interval;
  }
});

Deno.test("libtorrent's clients are promised what they will do anyway, so they are not forgotten", () => {
  assertEquals(announceInterval(2, 0, id("-LT2080-")), 300);
  assertEquals(announceInterval(2, 0, id("-qB4520-")), 300);
  assertEquals(announceInterval(1_000_000, 3600, id("-qB4520-")), 1800);
});
