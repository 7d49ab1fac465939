import { isLinkHeld, openingOrder } from "../../../peer/resume/opening_order.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a torrent that may have ended the process opens last, and not at all after the second time", () => {
  const strikes: Record<string, number> = { a: 1, b: 0, c: 2, d: 1, e: 0, f: 7 };
  assertEquals(openingOrder([..."abcdef"], (name) => strikes[name]!), {
    open: ["b", "e", "a", "d"],
    held: ["c", "f"],
  });
  assertEquals([0, 1, 2].map(isLinkHeld), [false, true, true]);
});
