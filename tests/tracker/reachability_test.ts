import { parseIp } from "../../protocol/address.ts";
import { Reachability } from "../../tracker/reachability.ts";
import { assertEquals } from "../support/assert.ts";

const ip = (text: string) => parseIp(text)!;
const ID = new Uint8Array(20).fill(1);
const MINUTE = 60_000;

Deno.test("a port is tried once, and again when the verdict is old", () => {
  for (const address of [ip("10.0.0.1"), ip("fd00::1")]) {
    const reach = new Reachability();
    assertEquals(reach.due(address, 6881, ID, 0), true);
    assertEquals([reach.due(address, 6881, ID, 1), reach.isUnreachable(address, 6881, ID)], [
      false,
      false,
    ]);
    reach.settle(address, 6881, ID, false, 2000);
    assertEquals([reach.due(address, 6881, ID, 2001), reach.isUnreachable(address, 6881, ID)], [
      false,
      true,
    ]);
    // While it is tried again, the old verdict holds.
    assertEquals(reach.due(address, 6881, ID, 2000 + MINUTE), true);
    assertEquals(reach.isUnreachable(address, 6881, ID), true);
    reach.settle(address, 6881, ID, true, 2000 + MINUTE);
    assertEquals(reach.isUnreachable(address, 6881, ID), false);
    assertEquals(reach.due(address, 6881, ID, 30 * MINUTE), false);
    assertEquals(reach.due(address, 6881, ID, 32 * MINUTE), true);
  }
});

Deno.test("an address is tried ten times in ten seconds, all together fifty times in one", () => {
  const reach = new Reachability();
  let tries = 0;
  for (let port = 1; port < 100; port++) if (reach.due(ip("10.0.0.1"), port, ID, 0)) tries++;
  assertEquals(tries, 10);
  for (let host = 2; host < 200; host++) if (reach.due(ip(`10.0.0.${host}`), 1, ID, 0)) tries++;
  assertEquals(tries, 50);
  assertEquals(reach.due(ip("10.0.1.1"), 1, ID, 1000), true);
});

Deno.test("ports that nobody can dial are not tried", () => {
  const reach = new Reachability();
  assertEquals(reach.due(ip("10.0.0.1"), 0, ID, 0), false);
  assertEquals(reach.due(ip("fe80::1"), 6881, ID, 0), false);
});

Deno.test("memory is bounded: the oldest verdict goes", () => {
  const reach = new Reachability();
  reach.due(ip("10.9.9.9"), 1, ID, 0);
  reach.settle(ip("10.9.9.9"), 1, ID, false, 0);
  for (let i = 0; i < 20_000; i++) {
    reach.due(Uint8Array.of(11, 0, i >> 8, i & 255), 1, ID, i * 1000);
    reach.settle(Uint8Array.of(11, 0, i >> 8, i & 255), 1, ID, false, 0);
  }
  assertEquals(reach.isUnreachable(ip("10.9.9.9"), 1, ID), false);
  assertEquals(reach.isUnreachable(ip("11.0.0.0"), 1, ID), true);
});

Deno.test("a verdict ends with the peer that it is about", () => {
  const reach = new Reachability();
  const [place, other] = [ip("10.0.0.1"), new Uint8Array(20).fill(2)];
  reach.due(place, 6881, ID, 0);
  reach.settle(place, 6881, ID, false, 10);
  assertEquals(reach.isUnreachable(place, 6881, ID), true);
  // Whoever starts at the same port is tried for itself.
  assertEquals(reach.isUnreachable(place, 6881, other), false);
  assertEquals(reach.due(place, 6881, other, 20), true);
  // What is learnt of a peer that left meanwhile is told to nobody.
  reach.forget(place, 6881);
  assertEquals(reach.settle(place, 6881, other, false, 30), false);
  assertEquals(reach.isUnreachable(place, 6881, other), false);
});
