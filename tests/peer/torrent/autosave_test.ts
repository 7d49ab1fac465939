import { Autosave } from "../../../peer/torrent/autosave.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a verified piece is saved within 15 s, together with those that follow it", () => {
  const autosave = new Autosave();
  assertEquals(autosave.isDue(0), false);
  autosave.changed();
  assertEquals(autosave.isDue(1000), true);
  autosave.changed();
  assertEquals(autosave.isDue(1001), false);
  assertEquals(autosave.isDue(15_999), false);
  assertEquals(autosave.isDue(16_000), true);
  assertEquals(autosave.isDue(40_000), false);
});

Deno.test("a person's choice is saved at once", () => {
  const autosave = new Autosave();
  autosave.changed();
  autosave.isDue(1000);
  autosave.changedMuch();
  assertEquals(autosave.isDue(1001), true);
});

Deno.test("hurrying saves what is unsaved, and nothing where all is saved", () => {
  const autosave = new Autosave();
  autosave.changed();
  autosave.isDue(1000);
  autosave.hurry();
  assertEquals(autosave.isDue(1001), false);
  autosave.changed();
  assertEquals(autosave.isDue(1002), true);
});
