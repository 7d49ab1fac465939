/**
 * What a tracker still knows after a restart.
 *
 * @module
 */
import { formatAnnounceQuery, parseAnnounceReply } from "../../protocol/announce.ts";
import { startTracker, type Tracker, type TrackerEvent } from "../../tracker/mod.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";
import { DatabaseSync } from "node:sqlite";
import { CatalogueClient } from "../../peer/trackers/catalogue_client.ts";
import { parseIp } from "../../protocol/address.ts";
import { TrackerDb } from "../../tracker/tracker_db.ts";
import { CatalogueError, MAX_ENTRIES } from "../../tracker/contract/catalogue.ts";

const HASH = new Uint8Array(20).fill(9);

function start(db: string): Promise<Tracker> {
  return startTracker({ host: "127.0.0.1", port: 0, db });
}

async function announce(
  tracker: Tracker,
  port: number,
  event: "started" | "completed" | "stopped",
): Promise<number | undefined> {
  const left = event === "started" ? 5 : 0;
  const query = formatAnnounceQuery(announceRequest(port, { infoHash: HASH, left, event }));
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

Deno.test("a torrent that cannot be saved is not published, and the error says so", async () => {
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

Deno.test("a catalogue that somebody filled has room for a class, after a restart too", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  const flood = { publishedBy: "flood", publishedAt: 1, host: "10.9.0.1" };
  {
    using db = TrackerDb.open({ path, onProblem: () => {} });
    const facts = { totalSize: 1, pieceCount: 1, fileCount: 1, torrentSize: 90, ...flood };
    for (let i = 0; i < MAX_ENTRIES; i++) {
      const infoHash = i.toString(16).padStart(40, "0");
      const bytes = new Uint8Array(90);
      db.saveTorrent({ infoHash, bytes, ...flood }, { infoHash, name: `flood ${i}`, ...facts });
    }
  }
  await using tracker = await start(path);
  assertEquals(tracker.catalogue.list().length, MAX_ENTRIES);
  const address = (text: string) => parseIp(text)!;
  for (let i = 0; i < 40; i++) {
    const bytes = torrent(`student ${i}`);
    const { created } = await tracker.publish(bytes, `${i}`, undefined, address("10.1.0.2"));
    assert(created);
    await tracker.publish(torrent(`more ${i}`), "flood", undefined, address("10.9.0.1"));
  }
  const entries = tracker.catalogue.list();
  assertEquals(entries.length, MAX_ENTRIES);
  assertEquals(entries.filter(({ host }) => host === "10.1.0.2").length, 40);
  const mine = entries.find(({ name }) => name === "student 7")!;
  const client = new CatalogueClient();
  assertEquals(await client.fetch(tracker.urls[0]!, mine.infoHash), torrent("student 7"));
});

Deno.test("a catalogue of an earlier version is listed again; unreadable records are reported", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  const hashes: string[] = [];
  {
    await using tracker = await start(path);
    for (let i = 0; i < 20; i++) {
      hashes.push((await tracker.publish(torrent(`${i}`), "1")).entry.infoHash);
    }
  }
  {
    using old = new DatabaseSync(path);
    old.exec("DROP TABLE shown; PRAGMA user_version = 2");
    old.prepare("UPDATE catalogue SET torrent = ? WHERE info_hash = ?")
      .run(new Uint8Array(9), Uint8Array.fromHex(hashes[3]!));
  }
  {
    await using tracker = await start(path);
    const { promise, resolve } = Promise.withResolvers<string>();
    tracker.subscribe((event) => event.event === "warning" && resolve(event.text));
    // Somebody asks before its turn came.
    assertEquals((await tracker.publish(torrent("19"), "2")).entry.publishedBy, "1");
    assert((await promise).startsWith(`The torrent ${hashes[3]} of the catalogue is left out: `));
    assert(await tracker.unpublish(hashes[18]!));
  }
  await using tracker = await start(path);
  assert(tracker.catalogue.list().length > 0);
  while (tracker.catalogue.list().length < 18) await new Promise((again) => setTimeout(again, 5));
  assertEquals(tracker.catalogue.get(hashes[0]!), torrent("0"));
  assertEquals(tracker.catalogue.entry(hashes[18]!), undefined);
});
