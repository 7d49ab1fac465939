import { assert, assertEquals, assertThrows } from "./assert.ts";
Deno.test("assertions fail when they should", () => {
  assertThrows(() => assert(false), Error);
  assertThrows(() => assertEquals([1], [2]), Error);
});
