/**
 * What a tracker still knows after a restart.
 *
 * @module
 */
import { formatAnnounceQuery, parseAnnounceReply } from "../../protocol/announce.ts";
import { startTracker, type Tracker, type TrackerEvent } from "../../tracker/mod.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";
import { CatalogueError } from "../../tracker/logic/catalogue.ts";

const HASH = new Uint8Array(20).fill(9);

function start(db: string): Promise<Tracker> {
  return startTracker({ host: "127.0.0.1", port: 0, db });
}

async function announce(
  tracker: Tracker,
  port: number,
  event: "started" | "completed" | "stopped",
): Promise<number | undefined> {
  const query = formatAnnounceQuery({
    infoHash: HASH,
    peerId: new TextEncoder().encode(`-VT0100-${String(port).padStart(12, "0")}`),
    port,
    uploaded: 0,
    downloaded: 0,
    left: event === "started" ? 5 : 0,
    event,
    numwant: 50,
    key: 1,
    compact: true,
    noPeerId: true,
  });
  const response = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}`);
  return parseAnnounceReply(await response.bytes()).completed;
}

function torrent(name: string): Uint8Array {
  return tinyTorrent(name).bytes;
}

Deno.test("catalogue and counts survive a restart, removal does, too; peers come back", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  let kept: string;
  {
    await using tracker = await start(path);
    await announce(tracker, 1, "started");
    assertEquals(await announce(tracker, 1, "completed"), 1);
    // Said twice it counts once, here and in the records.
    assertEquals(await announce(tracker, 1, "completed"), 1);
    kept = (await tracker.publish(torrent("a.pdf"), "1")).entry.infoHash;
    const { entry } = await tracker.publish(torrent("b.pdf"), undefined);
    assert(await tracker.unpublish(entry.infoHash));
    assertEquals(await tracker.unpublish(entry.infoHash), false);
  }
  await using tracker = await start(path);
  assertEquals(
    tracker.catalogue.list().map(({ name, infoHash, publishedBy }) => [
      name,
      infoHash,
      publishedBy,
    ]),
    [["a.pdf", kept, "1"]],
  );
  assertEquals(tracker.catalogue.get(kept), torrent("a.pdf"));
  const [counts] = await tracker.counts([HASH.toHex()]);
  assertEquals([counts!.seeders, counts!.leechers, counts!.completed], [0, 0, 1]);
  assertEquals((await tracker.publish(torrent("a.pdf"), "2")).created, false);
  await announce(tracker, 2, "started");
  assertEquals(await announce(tracker, 2, "completed"), 2);
});

Deno.test("what cannot be written is not published, and said", async () => {
  await using folder = await TempFolder.make();
  const tracker = await start(folder.at("tracker.db"));
  const events: TrackerEvent[] = [];
  tracker.subscribe((event) => events.push(event));
  // Closed before its time, as if the disk had gone.
  await tracker[Symbol.asyncDispose]();
  await assertRejects(() => tracker.publish(torrent("a.pdf"), "1"), CatalogueError);
  assertEquals(tracker.catalogue.list(), []);
  assertEquals(events.map(({ event }) => event), ["warning"]);
});
