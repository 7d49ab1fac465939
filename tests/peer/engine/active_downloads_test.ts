import { nextInQueue } from "../../../peer/engine/active_downloads.ts";
import { assertEquals } from "../../support/assert.ts";

/** `d` is active, `w` waits, `-` is something else. */
function turns(torrents: string, limit: number): string {
  const all = [...torrents].map((kind, index) => {
    return { index, isDownload: kind !== "-", isWaiting: kind === "w" };
  });
  return nextInQueue(all, limit).map(({ index }) => index).join("");
}

Deno.test("the first added begin first, as many as there are places", () => {
  assertEquals(turns("www", 2), "01");
  assertEquals(turns("-wdw", 2), "1");
  assertEquals(turns("ddw", 2), "");
  assertEquals(turns("wddd", 2), "");
  assertEquals(turns("w-w", 0), "02");
});
