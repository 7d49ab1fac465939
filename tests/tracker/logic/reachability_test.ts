import { parseIp } from "../../../protocol/compact.ts";
import { Reachability } from "../../../tracker/logic/reachability.ts";
import { assertEquals } from "../../support/assert.ts";

const ip = (text: string) => parseIp(text)!;
const MINUTE = 60_000;

Deno.test("a port is tried once, and again when the verdict is old", () => {
  for (const address of [ip("10.0.0.1"), ip("fd00::1")]) {
    const reach = new Reachability();
    assertEquals(reach.due(address, 6881, 0), true);
    assertEquals([reach.due(address, 6881, 1), reach.isUnreachable(address, 6881)], [false, false]);
    reach.settle(address, 6881, false, 2000);
    assertEquals([reach.due(address, 6881, 2001), reach.isUnreachable(address, 6881)], [
      false,
      true,
    ]);
    // While it is tried again, the old verdict holds.
    assertEquals(reach.due(address, 6881, 2000 + MINUTE), true);
    assertEquals(reach.isUnreachable(address, 6881), true);
    reach.settle(address, 6881, true, 2000 + MINUTE);
    assertEquals(reach.isUnreachable(address, 6881), false);
    assertEquals(reach.due(address, 6881, 30 * MINUTE), false);
    assertEquals(reach.due(address, 6881, 32 * MINUTE), true);
  }
});

Deno.test("an address is tried ten times in ten seconds, all together fifty times in one", () => {
  const reach = new Reachability();
  let tries = 0;
  for (let port = 1; port < 100; port++) if (reach.due(ip("10.0.0.1"), port, 0)) tries++;
  assertEquals(tries, 10);
  for (let host = 2; host < 200; host++) if (reach.due(ip(`10.0.0.${host}`), 1, 0)) tries++;
  assertEquals(tries, 50);
  assertEquals(reach.due(ip("10.0.1.1"), 1, 1000), true);
});

Deno.test("ports that nobody can dial are not tried", () => {
  const reach = new Reachability();
  assertEquals(reach.due(ip("10.0.0.1"), 0, 0), false);
  assertEquals(reach.due(ip("fe80::1"), 6881, 0), false);
});

Deno.test("memory is bounded: the oldest verdict goes", () => {
  const reach = new Reachability();
  reach.settle(ip("10.9.9.9"), 1, false, 0);
  for (let i = 0; i < 20_000; i++) {
    reach.settle(Uint8Array.of(11, 0, i >> 8, i & 255), 1, false, 0);
  }
  assertEquals(reach.isUnreachable(ip("10.9.9.9"), 1), false);
  assertEquals(reach.isUnreachable(ip("11.0.0.0"), 1), true);
});
