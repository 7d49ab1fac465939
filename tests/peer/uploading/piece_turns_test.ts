import { PieceTurns } from "../../../peer/uploading/piece_turns.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("who got a block of a piece gets the rest of it, and nobody else", () => {
  const turns = new PieceTurns<string>();
  turns.onSent("a", 7, 0);
  assertEquals(turns.goesOn("a", 7, 3, 500), true);
  assertEquals(turns.goesOn("b", 7, 3, 500), false);
  assertEquals(turns.goesOn("a", 8, 3, 500), false, "another piece is another turn");
});

Deno.test("on a slow uplink a turn ends within a second, and sooner where many wait", () => {
  const turns = new PieceTurns<string>();
  turns.onSent("a", 7, 0);
  turns.onSent("a", 7, 900);
  assertEquals(turns.goesOn("a", 7, 2, 999), true);
  assertEquals(turns.goesOn("a", 7, 2, 1000), false);
  assertEquals(turns.goesOn("a", 7, 20, 400), false, "twenty have had a turn within eight seconds");
  turns.onSent("b", 7, 2100);
  turns.onSent("a", 7, 2200);
  assertEquals(turns.goesOn("a", 7, 2, 3000), true, "its next turn");
});
