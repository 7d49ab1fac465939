import { AddressRate } from "../../tracker/address_rate.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("an address gets so many answers in a window, others are not touched by it", () => {
  const rate = new AddressRate({ limit: 2, windowMs: 1000 });
  const takes = (address: string, now: number) => rate.take(address, now);
  assertEquals([takes("a", 0), takes("a", 1), takes("a", 999)], [true, true, false]);
  assertEquals(takes("b", 999), true);
  assertEquals(takes("a", 1000), true);
});

Deno.test("with too many addresses new ones wait for the next window", () => {
  const rate = new AddressRate({ limit: 2, windowMs: 1000, maxAddresses: 3 });
  for (const address of ["a", "b", "c"]) assertEquals(rate.take(address, 0), true);
  assertEquals([rate.take("d", 1), rate.take("a", 1)], [false, true]);
  assertEquals(rate.take("d", 1000), true);
});
