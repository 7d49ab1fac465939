import { CrowdPicks, KEPT } from "../../../tracker/swarms/crowd_picks.ts";
import { RETURNED, WORKED } from "../../../tracker/swarms/peer_rows.ts";
import { NONE } from "../../../tracker/swarms/slot_pool.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("who gave something is named first, then the newest, then who came again; each once", () => {
  const picks = new CrowdPicks();
  const [crowd, other] = [picks.open(), picks.open()];
  picks.heard(other, 1, 77, WORKED | RETURNED, false);
  picks.heard(crowd, 1, 10, 0, false);
  picks.heard(crowd, 2, 20, RETURNED, true);
  picks.heard(crowd, 3, 30, WORKED | RETURNED, true);
  picks.heard(crowd, 4, 40, 0, true); // a seed that proved nothing
  picks.heard(crowd, 1, 10, RETURNED, false);
  assertEquals(picks.of(crowd, NONE), [30, 10, 20]);
  assertEquals(picks.of(crowd, 3), [10, 20]);
});

Deno.test("a pick is named by where it is now, until it leaves or newer ones take its place", () => {
  const picks = new CrowdPicks();
  const crowd = picks.open();
  for (let peer = 0; peer < KEPT + 2; peer++) picks.heard(crowd, peer, peer, 0, false);
  assertEquals(picks.of(crowd, NONE), [7, 6, 5, 4, 3, 2]);
  picks.moved(crowd, 4, 100);
  picks.moved(crowd, 0, 200);
  picks.heard(crowd, 2, 2, 0, false);
  assertEquals(picks.of(crowd, NONE), [2, 7, 6, 5, 100, 3]);
  picks.left(crowd, 7);
  assertEquals(picks.of(crowd, NONE), [2, 6, 5, 100, 3]);
  picks.heard(crowd, 8, 8, 0, false);
  assertEquals(picks.of(crowd, NONE), [8, 2, 6, 5, 100, 3]);
  picks.close(crowd);
  assertEquals(picks.of(picks.open(), NONE), []);
});
