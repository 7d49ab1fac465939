import { DatabaseSync } from "node:sqlite";
import { createTorrent } from "../../../peer/metainfo/create_torrent.ts";
import { ResumeDb, StoreBusyError } from "../../../peer/resume/resume_db.ts";
import type { TorrentRecord } from "../../../peer/resume/resume_plan.ts";
import { atOnce, type Steps } from "../../../protocol/steps.ts";
import { StorageError } from "../../../peer/ports.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** The import map, for scripts that run outside of the project. */
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

const RECORD: TorrentRecord = {
  infoHash: "aa".repeat(20),
  name: "Übung ①",
  dir: "/somewhere",
  state: "active",
  have: Uint8Array.of(0xf0, 0x80),
  downloaded: 2 ** 40,
  uploaded: 7,
  addedAt: 1_700_000_000_000.5,
  completedAt: undefined,
  trackers: [["http://127.0.0.1:8000/announce"], ["udp://127.0.0.1:1"]],
  paths: ["a (1)", "b"],
  files: [{ size: 5, mtime: 1_700_000_000_123 }, undefined],
  clean: false,
  aliveAt: 1_700_000_000_999,
  choices: { files: "ns", sequential: true },
  peers: [
    { host: "10.0.0.1", port: 6881, isSeed: true },
    { host: "::1", port: 6882, isSeed: false },
  ],
  origins: "om-",
};

Deno.test("records of the first version are taken over", async () => {
  await using folder = await TempFolder.make();
  const dir = folder.at("peer_1/.vtorrent");
  {
    using db = await ResumeDb.open(dir);
    db.saveTorrent(RECORD);
  }
  {
    using old = new DatabaseSync(`${dir}/peer.db`);
    const columns = ["choices", "peers", "origins"].map((name) =>
      `ALTER TABLE torrents DROP COLUMN ${name};`
    );
    const whole = ["paths", "files"].map((name) =>
      `UPDATE torrents SET ${name} =
        (SELECT lists.json FROM lists, json_each(torrents.${name}) WHERE lists.id = json_each.value);`
    );
    old.exec(`${whole.join(" ")} DROP TABLE lists; ${columns.join(" ")} PRAGMA user_version = 1`);
  }
  using db = await ResumeDb.open(dir);
  assertEquals(db.torrents(), [{ ...RECORD, choices: {}, peers: [], origins: undefined }]);
  db.saveTorrent(RECORD);
  assertEquals(db.torrents(), [RECORD]);
});

/** What there is in the table of lists: number and length of each part. */
function partsIn(dir: string): [id: number, length: number][] {
  using db = new DatabaseSync(`${dir}/peer.db`);
  return db.prepare("SELECT id, json_array_length(json) AS length FROM lists ORDER BY id").all()
    .map(({ id, length }) => [Number(id), Number(length)]);
}

const MANY = 20_000;

function recordOfMany(): TorrentRecord {
  const files = Array.from({ length: MANY }, (_, i) => ({ size: i, mtime: 1_700_000_000_000 + i }));
  return { ...RECORD, paths: files.map((_, i) => `many/folder/${i}`), files };
}

Deno.test("a save of many files writes what changed of them, and reading gives all of it", async () => {
  await using folder = await TempFolder.make();
  const dir = folder.path;
  const record = recordOfMany();
  const parts = Math.ceil(MANY / 256);
  const later = {
    ...record,
    downloaded: 5,
    files: record.files.with(7000, { size: 1, mtime: 2 }).with(7001, undefined),
  };
  {
    using db = await ResumeDb.open(dir);
    db.saveTorrent(record);
    assertSame(db.torrents(), [record]);
  }
  const first = partsIn(dir);
  assertEquals(first.length, 2 * parts);
  {
    using db = await ResumeDb.open(dir);
    assertSame(db.torrent(RECORD.infoHash), record);
    db.saveTorrent({ ...record, paths: [...record.paths!], files: record.files.map(copyOf) });
    assertEquals(partsIn(dir), first, "nothing is new");
    db.saveTorrent(later);
  }
  const second = partsIn(dir);
  const isNew = second.filter(([id]) => !first.some(([old]) => old === id));
  assertEquals([second.length, isNew.map(([, length]) => length)], [2 * parts, [256]]);
  using db = await ResumeDb.open(dir);
  assertSame(db.torrent(RECORD.infoHash), later);
  const fewer = { ...later, paths: ["one"], files: [undefined] };
  db.saveTorrent(fewer);
  assertEquals(db.torrent(RECORD.infoHash), fewer);
  assertEquals(partsIn(dir).length, 2);
  db.remove(RECORD.infoHash);
  assertEquals(partsIn(dir), []);
});

/** To show where two such long records differ takes minutes. */
function assertSame(actual: unknown, expected: unknown): void {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value, bytesAsText));
  assert(one === other, "the records differ");
}

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? value.toHex() : value;
}

function copyOf<T>(value: T): T {
  return structuredClone(value);
}

Deno.test("a record of many files is saved and read with pauses", async () => {
  await using folder = await TempFolder.make();
  using db = await ResumeDb.open(folder.path);
  const record = recordOfMany();
  const pauses = (steps: Steps<unknown>) => {
    let count = 0;
    for (const _ of steps) count++;
    return count;
  };
  const saved = pauses(db.saveSteps(record));
  const read = pauses(db.torrentSteps());
  assert(saved >= 2 * MANY / 256 && read >= 2 * MANY / 256, `${saved}, ${read}`);
});

Deno.test("a record that is saved anew while it is read is read as it is then", async () => {
  await using folder = await TempFolder.make();
  using db = await ResumeDb.open(folder.path);
  const record = recordOfMany();
  db.saveTorrent(record);
  const steps = db.recordSteps(RECORD.infoHash);
  for (let i = 0; i < 10; i++) steps.next();
  const later = { ...record, paths: record.paths!.map((path) => `${path} (1)`) };
  db.saveTorrent(later);
  assertSame(atOnce(steps), later);
});

Deno.test("of two saves at the same time the one that ends last counts, whole", async () => {
  await using folder = await TempFolder.make();
  const record = recordOfMany();
  const later = { ...record, paths: record.paths!.map((path) => `${path} (1)`) };
  {
    using db = await ResumeDb.open(folder.path);
    for (const before of [undefined, { ...record, files: [...record.files].reverse() }]) {
      if (before !== undefined) db.saveTorrent(before);
      const [one, other] = [db.saveSteps(record), db.saveSteps(later)];
      for (let isOver: boolean | undefined = false; !isOver;) {
        isOver = one.next().done;
        other.next();
      }
      atOnce(other);
      assertSame(db.torrent(RECORD.infoHash), later);
      assertEquals(partsIn(folder.path).length, 2 * Math.ceil(MANY / 256), "nothing else is left");
    }
  }
  using db = await ResumeDb.open(folder.path);
  assertSame(db.torrents(), [later]);
});

Deno.test("parts that a process left behind when it ended are dropped at the next start", async () => {
  await using folder = await TempFolder.make();
  {
    using db = await ResumeDb.open(folder.path);
    db.saveTorrent(RECORD);
    const steps = db.saveSteps(recordOfMany());
    for (let i = 0; i < 20; i++) steps.next();
  }
  assert(partsIn(folder.path).length > 2);
  using db = await ResumeDb.open(folder.path);
  assertEquals(db.torrents(), [RECORD]);
  assertEquals(partsIn(folder.path).length, 2);
});

Deno.test("a record that no torrent can have is refused in a sentence with the number", async () => {
  await using folder = await TempFolder.make();
  {
    using db = await ResumeDb.open(folder.path);
    db.saveTorrent(RECORD);
  }
  {
    using raw = new DatabaseSync(folder.at("peer.db"));
    raw.exec("INSERT INTO lists VALUES (99, '', '[\"' || hex(zeroblob(17000000)) || '\"]')");
    raw.exec("UPDATE torrents SET paths = '[99,99,99,99]'");
  }
  using db = await ResumeDb.open(folder.path);
  const told: string[] = [];
  const records = atOnce(db.torrentSteps(({ name }, error) => {
    assert(error instanceof StorageError);
    told.push(`${name}: ${error.message}`);
  }));
  const path = folder.at("peer.db");
  assertEquals([records, told], [[], [
    `Übung ①: its record in ${path} has more than 134217728 characters: no torrent's has as many`,
  ]]);
});

Deno.test("records, settings and .torrent files are there the next time", async () => {
  await using folder = await TempFolder.make();
  const dir = folder.at("peer_1/.vtorrent");
  const later = {
    ...RECORD,
    infoHash: "00".repeat(20),
    addedAt: RECORD.addedAt + 1,
    completedAt: 5,
    clean: true,
    paths: undefined,
    files: [],
    choices: {},
    origins: undefined,
  };
  {
    using db = await ResumeDb.open(dir);
    db.saveTorrent(later);
    db.saveTorrent({ ...RECORD, uploaded: 0 });
    db.saveTorrent(RECORD);
    db.setSetting("name", "one");
    db.setSetting("name", "zwei ②");
    await db.saveTorrentFile(RECORD.infoHash, Uint8Array.of(1, 2, 3));
    await db.saveTorrentFile(RECORD.infoHash, Uint8Array.of(4, 5));
  }
  using db = await ResumeDb.open(dir);
  assertEquals(db.warnings, []);
  assertEquals(db.torrents(), [RECORD, later]);
  assertEquals(db.torrent(later.infoHash), later);
  assertEquals(db.torrent("bb".repeat(20)), undefined);
  assertEquals([db.setting("name"), db.setting("none")], ["zwei ②", undefined]);
  assertEquals(await db.torrentFile(RECORD.infoHash), Uint8Array.of(4, 5));
  assertEquals(await db.torrentFile(later.infoHash), undefined);

  db.remove(RECORD.infoHash);
  db.remove(later.infoHash);
  assertEquals(db.torrents(), []);
  assertEquals(await db.torrentFile(RECORD.infoHash), undefined);
});

Deno.test("data saved before a crash is there after it", async () => {
  await using folder = await TempFolder.make();
  const script = `
    import { ResumeDb } from ${
    JSON.stringify(import.meta.resolve("../../../peer/resume/resume_db.ts"))
  };
    const db = await ResumeDb.open(Deno.args[0]);
    const record = JSON.parse(Deno.args[1]);
    for (let i = 0; i < 50; i++) db.saveTorrent({ ...record, have: Uint8Array.of(i), uploaded: i });
    Deno.kill(Deno.pid, "SIGKILL");
  `;
  const path = await folder.write("crash.ts", script);
  const record = JSON.stringify({ ...RECORD, files: [] });
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", CONFIG, path, folder.at("db"), record],
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  using db = await ResumeDb.open(folder.at("db"));
  assertEquals(db.warnings, []);
  assertEquals(db.torrents().map(({ have, uploaded }) => [have, uploaded]), [
    [Uint8Array.of(49), 49],
  ]);
});

Deno.test("a store that another process has open is refused, and free when that one is killed", async () => {
  await using folder = await TempFolder.make();
  const script = `
    import { ResumeDb } from ${
    JSON.stringify(import.meta.resolve("../../../peer/resume/resume_db.ts"))
  };
    globalThis.db = await ResumeDb.open(Deno.args[0]);
    await Deno.stdout.write(new TextEncoder().encode("open"));
    await Deno.stdin.read(new Uint8Array(1));
  `;
  const path = await folder.write("holder.ts", script);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", CONFIG, path, folder.at("db")],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const error = await assertRejects(() => ResumeDb.open(folder.at("db")), StoreBusyError);
  assertStringIncludes(error.message, `is in use by process ${child.pid}: stop that program or`);
  child.kill("SIGKILL");
  await child.stdin.abort();
  await reader.cancel();
  await child.status;
  using db = await ResumeDb.open(folder.at("db"));
  assertEquals(db.torrents(), []);
});

Deno.test("one process cannot open a store twice, but again after closing it", async () => {
  await using folder = await TempFolder.make();
  const first = await ResumeDb.open(folder.path);
  await assertRejects(() => ResumeDb.open(folder.path), StoreBusyError);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  using second = await ResumeDb.open(folder.path);
  assertEquals(second.torrents(), []);
});

for (
  const [kind, damage] of [
    ["garbage", (path: string) => Deno.writeFile(path, new Uint8Array(9000).fill(0x5a))],
    ["with a page overwritten", async (path: string) => {
      using file = await Deno.open(path, { write: true });
      await file.seek(4096 + 8, Deno.SeekMode.Start);
      await file.write(new Uint8Array(4000).fill(0xff));
    }],
  ] as const
) {
  Deno.test(`a damaged peer.db (${kind}) is kept aside and its torrents come back paused`, async () => {
    await using folder = await TempFolder.make();
    const path = await folder.write("talk.pdf", "content");
    const { bytes, infoHash } = await createTorrent({
      path,
      trackers: [["http://127.0.0.1:1/announce"]],
    });
    const hex = infoHash.toHex();
    const dir = folder.at(".vtorrent");
    {
      using db = await ResumeDb.open(dir);
      for (let i = 0; i < 30; i++) {
        db.saveTorrent({ ...RECORD, infoHash: String(i).padStart(40, "0"), name: "x".repeat(500) });
      }
      await db.saveTorrentFile(hex, bytes);
    }
    await damage(folder.at(".vtorrent/peer.db"));
    {
      using db = await ResumeDb.open(dir);
      assertEquals(db.warnings.length, 1);
      assertStringIncludes(db.warnings[0]!, "were damaged and are kept as");
      const [record, ...others] = db.torrents();
      assert(record !== undefined);
      assertEquals(others, []);
      assertEquals([record.infoHash, record.name, record.state], [hex, "talk.pdf", "paused"]);
      assertEquals([record.dir, record.paths], [folder.path, undefined]);
      assertEquals(record.trackers, [["http://127.0.0.1:1/announce"]]);
    }
    assert(await folder.exists(".vtorrent/peer.db.damaged"));
    using db = await ResumeDb.open(dir);
    assertEquals([db.warnings, db.torrents().length], [[], 1]);
  });
}

Deno.test("of two .torrents that are written at the same time the later one stays, and none that was removed", async () => {
  await using folder = await TempFolder.make();
  using db = await ResumeDb.open(folder.path);
  const [first, second] = [new Uint8Array(2 ** 20).fill(1), Uint8Array.of(2)];
  const writing = db.saveTorrentFile(RECORD.infoHash, first);
  db.saveTorrentFileNow(RECORD.infoHash, second);
  await writing;
  assertEquals(await db.torrentFile(RECORD.infoHash), second);
  const again = db.saveTorrentFile(RECORD.infoHash, first);
  db.remove(RECORD.infoHash);
  await again;
  assertEquals([...Deno.readDirSync(folder.at("torrents"))], []);
});

Deno.test("records of a newer version are left alone", async () => {
  await using folder = await TempFolder.make();
  (await ResumeDb.open(folder.path))[Symbol.dispose]();
  const { DatabaseSync } = await import("node:sqlite");
  const raw = new DatabaseSync(folder.at("peer.db"));
  raw.exec("PRAGMA user_version = 99");
  raw.close();
  await assertRejects(() => ResumeDb.open(folder.path), StorageError, "a newer vtorrent wrote it");
  assert(!await folder.exists("peer.db.damaged"));
});

Deno.test("a store below a file is a storage error", async () => {
  await using folder = await TempFolder.make();
  await folder.write("file", "x");
  const error = await assertRejects(() => ResumeDb.open(folder.at("file/store")), StorageError);
  assertStringIncludes(error.message, folder.at("file/store"));
});
