import { CLUSTER_KEYS, rootOf, scriptKeys } from "../../../tracker/redis/redis_keys.ts";
import { readRedirection, readSlots, slotOf } from "../../../tracker/redis/redis_slots.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("slots are those of the cluster specification", () => {
  assertEquals(slotOf("123456789"), 0x31c3);
  assertEquals(slotOf("{user1000}.following"), slotOf("user1000"));
  assertEquals(slotOf("foo{{bar}}zap"), slotOf("{bar"));
});

Deno.test("all keys of a swarm have the slot of its partition, and partitions are spread", () => {
  const root = rootOf(CLUSTER_KEYS, Uint8Array.fromHex("ab".padEnd(40, "0")));
  assertEquals(root, "vt:2:{ab}:");
  for (const key of [...scriptKeys(root), `${root}swarms`, `${root}ab00:4#0a000001d`]) {
    assertEquals(slotOf(key), slotOf(root));
  }
  const thirds = [0, 0, 0];
  for (const one of CLUSTER_KEYS.roots) thirds[Math.floor(slotOf(one) / 5462)]!++;
  for (const third of thirds) assert(third > 75 && third < 95, thirds.join(" "));
});

Deno.test("what nodes say of slots is read, also where they leave out their own host", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const ranges = readSlots([
    [0, 99, ["10.0.0.1", 7000, "id"], ["10.0.0.2", 7001, "id"]],
    [100, 199, ["", 7002, "id"]],
    [200, 299],
  ], "here");
  assertEquals(ranges, [
    { first: 0, last: 99, host: "10.0.0.1", port: 7000 },
    { first: 100, last: 199, host: "here", port: 7002 },
  ]);
  assertEquals(readSlots(text("no list"), "here"), []);
  assertEquals(readRedirection("MOVED 866 10.0.0.1:7000", "here"), {
    asking: false,
    slot: 866,
    host: "10.0.0.1",
    port: 7000,
  });
  assertEquals(readRedirection("ASK 9 :7000", "here"), {
    asking: true,
    slot: 9,
    host: "here",
    port: 7000,
  });
  assertEquals(
    readRedirection("TRYAGAIN Multiple keys request during rehashing of slot", ""),
    undefined,
  );
});
