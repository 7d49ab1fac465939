import { ByteArena } from "../../../tracker/swarms/byte_arena.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("arrays from a slab are of the length asked for and nobody else's", () => {
  const slab = new ByteArena();
  const taken = Array.from({ length: 500 }, (_, i) => slab.take(i % 400).fill(i));
  taken.forEach((bytes, i) => {
    assertEquals(bytes.length, i % 400);
    assert(bytes.every((byte) => byte === (i & 0xff)));
  });
  assertEquals(slab.take(200_000).length, 200_000);
});
