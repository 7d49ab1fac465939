/**
 * SIGHUP: lists are read again by a tracker that has some; one without ends, as any program does.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

Deno.test("SIGHUP has the lists read again, good or bad", async () => {
  await using folder = await TempFolder.make();
  const list = await folder.write("list.txt", `${"ab".repeat(20)}\n`);
  const { tracker } = await Vtorrent.tracker({ args: ["--deny", list] });
  await using _tracker = tracker;
  await folder.write("list.txt", "");
  tracker.kill("SIGHUP");
  assertEquals((await tracker.event("lists-read")).denied, 0);
  await folder.write("list.txt", "???");
  tracker.kill("SIGHUP");
  const { text } = await tracker.event("warning");
  assertEquals(
    text,
    `Cannot use the list ${list}: line 1 is not an info hash of 40 hex digits: ???. ` +
      "The lists stay as they were",
  );
  tracker.kill("SIGTERM");
  assertEquals((await tracker.ended()).code, 0);
});

Deno.test("SIGHUP ends a tracker that has nothing to read again", async () => {
  const { tracker } = await Vtorrent.tracker();
  await using _tracker = tracker;
  tracker.kill("SIGHUP");
  assertEquals((await tracker.ended()).code, 0);
});
