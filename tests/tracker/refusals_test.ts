import { Refusals } from "../../tracker/refusals.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("thousands of refusals in a second are ten lines and a number, also when each is another", () => {
  const refusals = new Refusals();
  let told = 0;
  for (let i = 0; i < 3000; i++) if (refusals.note("10.0.0.1", "no info_hash")) told++;
  assertEquals(told, 1);
  for (let i = 0; i < 3000; i++) if (refusals.note(`10.0.1.${i}`, `reason ${i}`)) told++;
  assertEquals(told, 10);
  assertEquals(refusals.next(), { ip: "10.0.1.2999", reason: "reason 2999", count: 5990 });
  // The next second begins anew, and a quiet one has nothing to tell.
  assertEquals(refusals.next(), undefined);
  assertEquals([refusals.note("10.0.0.1", "x"), refusals.note("10.0.0.2", "x")], [true, true]);
  assertEquals(refusals.next(), undefined);
});
