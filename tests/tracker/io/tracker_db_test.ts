import { DatabaseSync } from "node:sqlite";
import { TrackerDb } from "../../../tracker/io/tracker_db.ts";
import { TrackerStartError } from "../../../tracker/mod.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";

const HASH = "0102030405060708090a0b0c0d0e0f1011121314";
const OTHER = "ff".repeat(20);
const TORRENT = {
  infoHash: HASH,
  bytes: patternBytes(1000),
  publishedBy: "peer Ü",
  publishedAt: 1_700_000_000_123,
};

/** What is shown of it. */
const ENTRY = {
  infoHash: HASH,
  name: "n Ü",
  totalSize: 2 ** 52,
  pieceCount: 3,
  fileCount: 2,
  torrentSize: 1000,
  publishedBy: TORRENT.publishedBy,
  publishedAt: TORRENT.publishedAt,
};

function open(path: string, problems: string[] = []): TrackerDb {
  return TrackerDb.open({ path, onProblem: (text) => problems.push(text) });
}

const counts = (db: TrackerDb) =>
  Array.from(
    [...db.completed()].flat(),
    ({ infoHash, completed }) => [infoHash.toHex(), completed],
  );

Deno.test("torrents and counts come back as they were", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  {
    using db = open(path);
    assertEquals([...db.entries(), ...db.completed()], []);
    db.saveTorrent(TORRENT, ENTRY);
    db.saveTorrent(TORRENT, { ...ENTRY, infoHash: OTHER, publishedBy: undefined, publishedAt: 1 });
    db.noteCompleted(HASH, 1);
    db.noteCompleted(HASH, 2);
    db.noteCompleted(OTHER, 7);
  }
  {
    using db = open(path);
    assertEquals([...db.entries()].map(({ infoHash }) => infoHash), [OTHER, HASH]);
    assertEquals([[...db.entries()][1], db.torrent(HASH), db.unshown()], [ENTRY, TORRENT, []]);
    assertEquals(counts(db).sort(), [[HASH, 2], [OTHER, 7]]);
    db.removeTorrent(OTHER);
    // Never down again: a store may have forgotten an empty swarm.
    db.noteCompleted(OTHER, 1);
  }
  using db = open(path);
  assertEquals(db.warnings, []);
  assertEquals([[...db.entries()], db.torrent(OTHER)], [[ENTRY], undefined]);
  assertEquals(counts(db).sort(), [[HASH, 2], [OTHER, 7]]);
});

Deno.test("counts are written while it runs, not only at the end", async () => {
  await using folder = await TempFolder.make();
  using db = open(folder.at("tracker.db"));
  db.noteCompleted(HASH, 3);
  while (counts(db).length === 0) await new Promise((again) => setTimeout(again, 20));
  assertEquals(counts(db), [[HASH, 3]]);
});

Deno.test("two trackers never share a file", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  using _db = open(path);
  const { message } = assertThrows(() => open(path), TrackerStartError);
  assertEquals(
    message,
    `${path} is in use by another tracker: stop that one, or give this one a file of its own ` +
      "with --db FILE, or none with --no-db",
  );
});

Deno.test("a damaged file is moved aside, said so, and never overwritten", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  const garbage = patternBytes(5000);
  for (const suffix of ["", ".1"]) {
    await folder.write("tracker.db", garbage);
    {
      using db = open(path);
      assertEquals(db.warnings, [
        `${path} was damaged and is kept as ${path}.damaged${suffix}: ` +
        "the catalogue and the counts of completed downloads begin anew",
      ]);
      db.saveTorrent(TORRENT, ENTRY);
    }
    assertEquals(await folder.read(`tracker.db.damaged${suffix}`), garbage);
  }
  using db = open(path);
  assertEquals([db.warnings, [...db.entries()]], [[], [ENTRY]]);
});

Deno.test("a file that was cut or overwritten in the middle is found out on opening", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  {
    using db = open(path);
    for (let i = 0; i < 50; i++) {
      db.saveTorrent(TORRENT, { ...ENTRY, infoHash: i.toString(16).padStart(40, "0") });
    }
  }
  const bytes = await folder.read("tracker.db");
  bytes.fill(0xee, 4096, bytes.length - 100);
  await Deno.writeFile(path, bytes);
  using db = open(path);
  assertEquals(db.warnings.length, 1);
});

Deno.test("another program's database is not touched, nor that of a newer version", async () => {
  await using folder = await TempFolder.make();
  const foreign = folder.at("foreign.db");
  {
    using db = new DatabaseSync(foreign);
    db.exec("CREATE TABLE things (a); INSERT INTO things VALUES (1)");
  }
  const before = await folder.read("foreign.db");
  assertEquals(
    assertThrows(() => open(foreign), TrackerStartError).message,
    `${foreign} is another program's database: choose with --db FILE`,
  );
  assertEquals(await folder.read("foreign.db"), before);

  const newer = folder.at("newer.db");
  open(newer)[Symbol.dispose]();
  {
    using db = new DatabaseSync(newer);
    db.exec("PRAGMA user_version = 99");
  }
  const { message } = assertThrows(() => open(newer), TrackerStartError);
  assertEquals(message, `${newer} was written by a newer vtorrent: use that version`);
});

Deno.test("a place where nothing can be written is said with the way out", async () => {
  await using folder = await TempFolder.make();
  const { message } = assertThrows(() => open(folder.at("no/such.db")), TrackerStartError);
  assert(message.includes("no/such.db") && message.includes("--no-db"), message);
});

Deno.test("records of versions that knew no publishers, or no facts to show, are taken over", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("tracker.db");
  for (
    const before of [
      "ALTER TABLE catalogue DROP COLUMN owner; PRAGMA user_version = 1",
      "PRAGMA user_version = 2",
    ]
  ) {
    {
      using db = open(path);
      if (before.endsWith("1")) db.saveTorrent(TORRENT, ENTRY);
    }
    {
      using old = new DatabaseSync(path);
      old.exec(`DROP TABLE shown; ${before}`);
    }
    using db = open(path);
    assertEquals([[...db.entries()], db.unshown()], [[], [HASH]]);
    assertEquals(db.torrent(HASH), TORRENT);
    db.saveTorrent(TORRENT, { ...ENTRY, owner: "ab", host: "10.0.0.1" });
    assertEquals([...db.entries()], [{ ...ENTRY, owner: "ab", host: "10.0.0.1" }]);
    assertEquals(db.unshown(), []);
  }
});
