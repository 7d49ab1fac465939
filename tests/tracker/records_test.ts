/**
 * Counts of earlier runs come back while the tracker is in use already.
 *
 * @module
 */
import { TrackerDb } from "../../tracker/io/tracker_db.ts";
import { MemoryStore } from "../../tracker/logic/memory_store.ts";
import { restoreCounts } from "../../tracker/records.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assertEquals } from "../support/assert.ts";
import { seededRandom } from "../support/random.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** More than are read at a time. */
const MANY = 2500;

function hashOf(i: number): Uint8Array {
  const bytes = new Uint8Array(20);
  new DataView(bytes.buffer).setUint32(0, i);
  return bytes;
}

function open(folder: TempFolder): TrackerDb {
  return TrackerDb.open({
    path: folder.at("tracker.db"),
    onProblem: (sentence) => {
      throw new Error(sentence);
    },
  });
}

Deno.test("downloads that complete while earlier ones are read are counted once", async () => {
  await using folder = await TempFolder.make();
  {
    using db = open(folder);
    for (let i = 0; i < MANY; i++) db.noteCompleted(hashOf(i).toHex(), 41);
  }
  const totals = () => [0, MANY - 1, MANY].map((i) => store.scrape([hashOf(i)])[0]!.completed);
  const store = new MemoryStore(seededRandom(1));
  {
    using db = open(folder);
    const restored = restoreCounts(db, store, 0);
    // The first page is there at once.
    for (const [i, expected] of [[0, 42], [MANY - 1, 1], [MANY, 1]] as const) {
      const infoHash = hashOf(i);
      const from = { address: new Uint8Array([10, 0, 0, 1]), own: [] };
      store.announce(announceRequest(1, { infoHash, left: 5, event: "started" }), from, 0);
      const done = announceRequest(1, { infoHash, left: 0, event: "completed" });
      const { completed } = store.announce(done, from, 0);
      assertEquals(completed, expected);
      db.noteCompleted(infoHash.toHex(), completed);
    }
    await restored;
    assertEquals(totals(), [42, 42, 1]);
  }
  using db = open(folder);
  const kept = new Map(
    [...db.completed()].flat().map(({ infoHash, completed }) => [infoHash.toHex(), completed]),
  );
  assertEquals(kept.size, MANY + 1);
  assertEquals([0, 1, MANY - 1, MANY].map((i) => kept.get(hashOf(i).toHex())), [42, 41, 42, 1]);
});

Deno.test("a tracker that ends while earlier downloads are read ends", async () => {
  await using folder = await TempFolder.make();
  const db = open(folder);
  for (let i = 0; i < MANY; i++) db.noteCompleted(hashOf(i).toHex(), 1);
  db[Symbol.dispose]();
  const again = open(folder);
  const restored = restoreCounts(again, new MemoryStore(seededRandom(1)), 0);
  again[Symbol.dispose]();
  await restored;
});
