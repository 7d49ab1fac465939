import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/layout.ts";
import { FileStore, type StoredFile } from "../../../peer/io/file_store.ts";
import { StorageError } from "../../../peer/ports.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";
import { Tmpfs } from "../../support/tmpfs.ts";

interface Plan {
  layout: Layout;
  files: StoredFile[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** Files in a row with pattern bytes; a path that begins with `.pad/` is padding. */
function plan(pieceLength: number, sizes: Record<string, number>): Plan {
  let offset = 0;
  const files = Object.entries(sizes).map(([path, length]) => {
    const pad = path.startsWith(".pad/");
    return { path, length, offset: (offset += length) - length, pad, symlink: false };
  });
  const bytes = patternBytes(offset);
  for (const file of files) if (file.pad) bytes.fill(0, file.offset, file.offset + file.length);
  return { layout: new Layout(offset, pieceLength), files, bytes };
}

function pieceOf({ layout, bytes }: Plan, piece: number): Uint8Array {
  const start = layout.pieceOffset(piece);
  return bytes.subarray(start, start + layout.pieceSize(piece));
}

async function writeAll(store: FileStore, torrent: Plan): Promise<void> {
  for (let i = torrent.layout.pieceCount - 1; i >= 0; i--) {
    await store.write(i, pieceOf(torrent, i));
  }
}

async function assertReadsBack(store: FileStore, torrent: Plan): Promise<void> {
  for (let i = 0; i < torrent.layout.pieceCount; i++) {
    const into = new Uint8Array(torrent.layout.pieceSize(i));
    await store.read(i, into);
    assertEquals(into, pieceOf(torrent, i));
  }
}

function nothing(torrent: Plan): Bitfield {
  return new Bitfield(torrent.layout.pieceCount);
}

Deno.test("a file is .part while it grows and gets its name when it is finished", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "lecture.pdf": 250 });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  assertEquals([...Deno.readDirSync(folder.path)], []);
  await writeAll(store, torrent);
  assert(await folder.exists("lecture.pdf.part"));
  assert(!await folder.exists("lecture.pdf"));
  await store.sync();
  await store.finish(0);
  assert(!await folder.exists("lecture.pdf.part"));
  assertEquals(await folder.read("lecture.pdf"), torrent.bytes);
  await assertReadsBack(store, torrent);
  await store.finish(0);
});

Deno.test("two pieces that complete one file at the same time finish it once", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "lecture.pdf": 250 });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await writeAll(store, torrent);
  await Promise.all([store.finish(0), store.finish(0)]);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["lecture.pdf"]);
  assertEquals(await folder.read("lecture.pdf"), torrent.bytes);
});

Deno.test("pieces that cross files, nested and non-ASCII names, empty files and padding", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(64, {
    "Vorlesung/1. Einführung/Übung ①.txt": 10,
    "Vorlesung/leer.txt": 0,
    "Vorlesung/日本語/a b.bin": 100,
    ".pad/18": 18,
    "Vorlesung/z": 3,
    "Vorlesung/tail": 70,
  });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  assertEquals((await folder.read("Vorlesung/leer.txt")).length, 0);
  await writeAll(store, torrent);
  await assertReadsBack(store, torrent);
  for (const file of torrent.files.keys()) await store.finish(file);
  for (const file of torrent.files) {
    if (file.pad) continue;
    assertEquals(
      await folder.read(file.path),
      torrent.bytes.slice(file.offset, file.offset + file.length),
    );
  }
  assert(!await folder.exists(".pad"));
});

Deno.test("reads and writes of one file at the same time do not mix", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(1000, { "a": 40_000, "b": 35_500 });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await writeAll(store, torrent);
  const again = new FileWrites(store, torrent);
  await Promise.all([again.run(), assertReadsBack(store, torrent), again.run()]);
  await assertReadsBack(store, torrent);
});

class FileWrites {
  constructor(readonly store: FileStore, readonly torrent: Plan) {}
  async run(): Promise<void> {
    const jobs = [];
    for (let i = 0; i < this.torrent.layout.pieceCount; i++) {
      jobs.push(this.store.write(i, pieceOf(this.torrent, i)));
    }
    await Promise.all(jobs);
  }
}

Deno.test("more files than may be open at a time", async () => {
  await using folder = await TempFolder.make();
  const sizes = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`t/${i % 7}/file ${i}`, i % 40]),
  );
  const torrent = plan(512, sizes);
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await Promise.all(
    Array.from(
      { length: torrent.layout.pieceCount },
      (_, i) => store.write(i, pieceOf(torrent, i)),
    ),
  );
  await store.sync();
  await assertReadsBack(store, torrent);
  for (const file of torrent.files.keys()) await store.finish(file);
  await assertReadsBack(store, torrent);
});

/** A store whose only file, `a` of 250 bytes in three pieces, was changed in the second piece. */
async function openChanged(folder: TempFolder) {
  const torrent = plan(100, { "a": 250 });
  const changed = torrent.bytes.slice();
  changed[120]! ^= 1;
  await folder.write("a", changed);
  const store = await FileStore.open({ dir: folder.path, ...torrent });
  const have = Bitfield.full(3);
  have.delete(1);
  return { store, torrent, changed, have };
}

Deno.test("a file that differs waits for a person, who has it mended in its place", async () => {
  await using folder = await TempFolder.make();
  const { store, torrent, changed, have } = await openChanged(folder);
  await using _store = store;
  const problem = await store.prepare(have);
  assertEquals([problem?.kind, problem?.path], ["changed", folder.at("a")]);
  assertMatch(problem!.message, /a was changed: 1 piece in it is not what was shared\. Nothing/);
  // Whoever writes all the same changes nothing.
  const refused = await assertRejects(() => store.write(1, pieceOf(torrent, 1)), StorageError);
  assertEquals(refused.kind, "changed");
  assertEquals(await folder.read("a"), changed);

  store.claims.allow("over");
  assertEquals(await store.prepare(have), undefined);
  await store.write(1, pieceOf(torrent, 1));
  await store.finish(0);
  assertEquals([...Deno.readDirSync(folder.path)].map((entry) => entry.name), ["a"]);
  assertEquals(await folder.read("a"), torrent.bytes);
  // That was said of this change, not of the next one.
  await folder.write("a", changed);
  await store.lookAgain();
  assertEquals((await store.prepare(have))?.kind, "changed");
});

Deno.test("or has the old version fetched beside it, with all that was right in it", async () => {
  await using folder = await TempFolder.make();
  const { store, torrent, changed, have } = await openChanged(folder);
  await using _store = store;
  store.claims.allow("beside");
  assertEquals(await store.prepare(have), undefined);
  await store.write(1, pieceOf(torrent, 1));
  await assertReadsBack(store, torrent);
  await store.finish(0);
  assertEquals(store.paths, ["a (1)"]);
  assertEquals(await folder.read("a (1)"), torrent.bytes);
  assertEquals(await folder.read("a"), changed);
});

Deno.test("a file that was only cut short is replaced once all that is in it is in the new one", async () => {
  for (const tail of ["right", "wrong"]) {
    await using folder = await TempFolder.make();
    const torrent = plan(100, { "a": 250 });
    const short = torrent.bytes.slice(0, 130);
    if (tail === "wrong") short[120]! ^= 1;
    await folder.write("a", short);
    await using store = await FileStore.open({ dir: folder.path, ...torrent });
    const have = nothing(torrent);
    have.add(0);
    assertEquals((await store.prepare(have))?.kind, "changed");
    store.claims.allow("beside");
    assertEquals(await store.prepare(have), undefined);
    for (const piece of [1, 2]) await store.write(piece, pieceOf(torrent, piece));
    await store.finish(0);
    const name = tail === "right" ? "a" : "a (1)";
    assertEquals(store.paths, [name]);
    assertEquals(await folder.read(name), torrent.bytes);
    if (tail === "wrong") assertEquals(await folder.read("a"), short);
  }
});

Deno.test("a file that is too long waits, and is cut where a person says so", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "a": 250 });
  await folder.write("a", new Uint8Array([...torrent.bytes, 1, 2, 3]));
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  assertMatch((await store.prepare(Bitfield.full(3)))!.message, /it has 253 bytes instead of 250/);
  store.claims.allow("over");
  assertEquals(await store.prepare(Bitfield.full(3)), undefined);
  assertEquals(await folder.read("a"), torrent.bytes);
});

Deno.test("somebody else's files keep their names and their bytes", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "t/talk.pdf": 250, "t/notes": 120, "t/empty.txt": 0, "t/dir": 10 });
  await folder.write("t/talk.pdf", "mine");
  await folder.write("t/talk (1).pdf", "mine too");
  await folder.write("t/notes.part", "and this");
  await folder.write("t/empty.txt", "not empty");
  await Deno.mkdir(folder.at("t/dir"));
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  assertEquals(await store.onDisk.inTheWay(), folder.at("t/talk.pdf"));
  await store.prepare(nothing(torrent));
  await writeAll(store, torrent);
  for (const file of torrent.files.keys()) await store.finish(file);
  assertEquals(store.paths, ["t/talk (2).pdf", "t/notes (1)", "t/empty (1).txt", "t/dir (1)"]);
  assertEquals(await Deno.readTextFile(folder.at("t/talk.pdf")), "mine");
  assertEquals(await Deno.readTextFile(folder.at("t/talk (1).pdf")), "mine too");
  assertEquals(await Deno.readTextFile(folder.at("t/notes.part")), "and this");
  assertEquals(await folder.read("t/talk (2).pdf"), torrent.bytes.slice(0, 250));
});

Deno.test("a name taken while the file grew is not taken away", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "a.txt": 100 });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await writeAll(store, torrent);
  await folder.write("a.txt", "mine");
  await store.finish(0);
  assertEquals(store.paths, ["a (1).txt"]);
  assertEquals(await Deno.readTextFile(folder.at("a.txt")), "mine");
  await assertReadsBack(store, torrent);
});

Deno.test("two torrents of one name in one folder stay apart", async () => {
  await using folder = await TempFolder.make();
  const first = plan(100, { "a.txt": 200 });
  const second = plan(50, { "a.txt": 200 });
  second.bytes.reverse();
  await using one = await FileStore.open({ dir: folder.path, ...first });
  await one.prepare(nothing(first));
  await one.write(0, pieceOf(first, 0));
  await using two = await FileStore.open({ dir: folder.path, ...second });
  await two.prepare(nothing(second));
  await writeAll(two, second);
  await writeAll(one, first);
  await two.finish(0);
  await one.finish(0);
  await assertReadsBack(one, first);
  await assertReadsBack(two, second);
  assertEquals([one.paths, two.paths], [["a.txt"], ["a (1).txt"]]);
});

Deno.test("an unfinished file is found again by the names of the last time", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "a.txt": 250, "b.txt": 250 });
  await folder.write("a.txt", "mine");
  let paths: string[];
  {
    await using store = await FileStore.open({ dir: folder.path, ...torrent });
    await store.prepare(nothing(torrent));
    await store.write(0, pieceOf(torrent, 0));
    paths = store.paths;
  }
  await using store = await FileStore.open({ dir: folder.path, ...torrent, paths });
  const into = new Uint8Array(100);
  await store.read(0, into);
  assertEquals(into, pieceOf(torrent, 0));
  await store.prepare(nothing(torrent));
  assertEquals(store.paths, ["a (1).txt", "b.txt"]);
});

Deno.test("a missing or shortened file is a storage error of that kind", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "t/a": 150, "t/b": 150 });
  await folder.write("t/a", torrent.bytes.slice(0, 120));
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.read(0, new Uint8Array(100));
  const short = await assertRejects(() => store.read(1, new Uint8Array(100)), StorageError);
  assertEquals([short.kind, short.path], ["missing", folder.at("t/a")]);
  const missing = await assertRejects(() => store.read(2, new Uint8Array(100)), StorageError);
  assertEquals([missing.kind, missing.path], ["missing", folder.at("t/b")]);
  assertEquals(await store.onDisk.present(), [120, 0]);
});

Deno.test("an unfinished file that was deleted meanwhile is not made anew with holes", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "a": 250 });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await store.write(0, pieceOf(torrent, 0));
  await store.release();
  await Deno.remove(folder.at("a.part"));
  const error = await assertRejects(() => store.write(1, pieceOf(torrent, 1)), StorageError);
  assertEquals(error.kind, "missing");
});

Deno.test("a folder that is a link out of the root is refused, and a file link is not followed", async () => {
  await using folder = await TempFolder.make();
  await using outside = await TempFolder.make();
  await outside.write("a", "secret");
  await Deno.symlink(outside.path, folder.at("t"));
  const torrent = plan(100, { "t/a": 100 });
  const error = await assertRejects(
    () => FileStore.open({ dir: folder.path, ...torrent }),
    StorageError,
    "leads out of",
  );
  assertEquals(error.path, folder.at("t"));

  const single = plan(100, { "a": 100 });
  await Deno.symlink(outside.at("a"), folder.at("a"));
  await Deno.symlink(outside.at("made"), folder.at("a.part"));
  await using store = await FileStore.open({ dir: folder.path, ...single });
  await store.prepare(nothing(single));
  await writeAll(store, single);
  await store.finish(0);
  assertEquals(store.paths, ["a (1)"]);
  assertEquals(await Deno.readTextFile(outside.at("a")), "secret");
  assert(!await outside.exists("made"));
});

Deno.test("a link planted while the torrent runs is refused too", async () => {
  await using folder = await TempFolder.make();
  await using outside = await TempFolder.make();
  const torrent = plan(100, { "t/deep/a": 100 });
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await Deno.symlink(outside.path, folder.at("t"));
  await assertRejects(() => writeAll(store, torrent), StorageError, "leads out of");
  assertEquals([...Deno.readDirSync(outside.path)], []);
});

Deno.test("links inside the root are fine, and so is a root behind a link", async () => {
  await using folder = await TempFolder.make();
  await Deno.mkdir(folder.at("real/t2"), { recursive: true });
  await Deno.symlink(folder.at("real"), folder.at("root"));
  await Deno.symlink("t2", folder.at("real/t"));
  const torrent = plan(100, { "t/a": 100 });
  await using store = await FileStore.open({ dir: folder.at("root"), ...torrent });
  await store.prepare(nothing(torrent));
  await writeAll(store, torrent);
  await store.finish(0);
  assertEquals(await folder.read("real/t2/a"), torrent.bytes);
});

Deno.test("a folder that is a file is a storage error naming it", async () => {
  await using folder = await TempFolder.make();
  await folder.write("file", "x");
  const torrent = plan(100, { "a": 100 });
  await using store = await FileStore.open({ dir: folder.at("file/below"), ...torrent });
  await store.prepare(nothing(torrent));
  const error = await assertRejects(() => writeAll(store, torrent), StorageError);
  assertEquals(error.kind, "other");
  assertMatch(error.message, /file\/below.*not a directory/i);
});

Deno.test("deleting the data leaves others' files and folders", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "t/x/a": 150, "t/y/b": 150, "t/y/empty": 0 });
  await folder.write("t/y/mine", "mine");
  await using store = await FileStore.open({ dir: folder.path, ...torrent });
  await store.prepare(nothing(torrent));
  await writeAll(store, torrent);
  await store.finish(0);
  assertEquals(await store.deleteData(() => true, new Set()), []);
  assert(!await folder.exists("t/x"));
  assertEquals([...Deno.readDirSync(folder.at("t/y"))].map((entry) => entry.name), ["mine"]);
});

Deno.test("a torrent that does not fit is refused before it begins, kind full", async () => {
  await using disk = await Tmpfs.mount("size=1m");
  if (disk === undefined) return;
  const torrent = plan(65536, { "big": 3 * 2 ** 20 });
  await using store = await FileStore.open({ dir: disk.path, ...torrent });
  await store.prepare(nothing(torrent));
  const error = await assertRejects(() => writeAll(store, torrent), StorageError);
  assertEquals(error.kind, "full");
  assertEquals([...Deno.readDirSync(disk.path)], []);
  assertMatch(error.message, /^Not enough space in .*: 3\.0 MiB needed, 1\.0 MiB free: free some/);
});

Deno.test("a disk that fills up meanwhile is kind full, and what was written stays", async () => {
  await using disk = await Tmpfs.mount("size=1m");
  if (disk === undefined) return;
  const torrent = plan(65536, { "big": 900 * 1024 });
  await using store = await FileStore.open({ dir: disk.path, ...torrent });
  await store.prepare(nothing(torrent));
  await store.write(0, pieceOf(torrent, 0));
  await Deno.writeFile(`${disk.path}/other`, new Uint8Array(400 * 1024));
  let written = 1;
  const error = await assertRejects(async () => {
    for (; written < torrent.layout.pieceCount; written++) {
      await store.write(written, pieceOf(torrent, written));
    }
  }, StorageError);
  assertEquals(error.kind, "full");
  assertMatch(error.message, /^Cannot write .*big\.part: the disk is full: free some space/);
  assert(written >= 8);
  await Deno.remove(`${disk.path}/other`);
  for (; written < torrent.layout.pieceCount; written++) {
    await store.write(written, pieceOf(torrent, written));
  }
  await assertReadsBack(store, torrent);
});

Deno.test("a read-only folder is kind permission", async () => {
  await using disk = await Tmpfs.mount("size=1m,ro");
  if (disk === undefined) return;
  const torrent = plan(100, { "t/a": 100 });
  await using store = await FileStore.open({ dir: disk.path, ...torrent });
  await store.prepare(nothing(torrent));
  const error = await assertRejects(() => writeAll(store, torrent), StorageError);
  assertEquals(error.kind, "permission");
  assertMatch(error.message, /permission denied: choose another folder/);
});

Deno.test("a folder that is exchanged for a link while we write: nothing is made behind it", async () => {
  await using folder = await TempFolder.make();
  const names = Array.from({ length: 8 }, (_, i) => `t/f${i}`);
  const torrent = plan(100, Object.fromEntries(names.map((name) => [name, 100])));
  await using store = await FileStore.open({ dir: folder.at("store"), ...torrent });
  await store.prepare(nothing(torrent));
  await store.write(0, pieceOf(torrent, 0));
  await store.write(1, pieceOf(torrent, 1));

  await Deno.mkdir(folder.at("outside"));
  await folder.write("outside/f1.part", "precious");
  await folder.write("outside/f0", "precious");
  await store.release();
  await Deno.rename(folder.at("store/t"), folder.at("store/away"));
  await Deno.symlink(folder.at("outside"), folder.at("store/t"));
  for (const piece of [1, 2, 3]) {
    const error = await assertRejects(
      () => store.write(piece, pieceOf(torrent, piece)),
      StorageError,
    );
    assertMatch(error.message, /it is a link that leads out of/);
  }
  await assertRejects(() => store.finish(0), StorageError);
  await assertRejects(() => store.deleteData(() => true, new Set()), StorageError);
  assertEquals([...Deno.readDirSync(folder.at("outside"))].map(({ name }) => name).sort(), [
    "f0",
    "f1.part",
  ]);
  for (const name of ["f0", "f1.part"]) {
    assertEquals(await Deno.readTextFile(folder.at(`outside/${name}`)), "precious");
  }

  // Put right again, it goes on.
  await Deno.remove(folder.at("store/t"));
  await Deno.rename(folder.at("store/away"), folder.at("store/t"));
  for (let piece = 2; piece < 8; piece++) await store.write(piece, pieceOf(torrent, piece));
  for (let file = 0; file < 8; file++) await store.finish(file);
  assertEquals(await folder.read("store/t/f1"), pieceOf(torrent, 1));
});

Deno.test("a link in place of an unfinished or hidden file is not written through", async () => {
  await using folder = await TempFolder.make();
  const torrent = plan(100, { "a": 150, "b": 150 });
  await folder.write("victim", "precious");
  await Deno.mkdir(folder.at("store"));
  await Deno.symlink(folder.at("victim"), folder.at("store/.parts"));
  await using store = await FileStore.open({
    dir: folder.at("store"),
    ...torrent,
    wanted: [true, false],
    boundary: ".parts",
  });
  await store.prepare(nothing(torrent));
  await store.write(0, pieceOf(torrent, 0));
  const hidden = await assertRejects(() => store.write(1, pieceOf(torrent, 1)), StorageError);
  assertMatch(hidden.message, /\.parts: it is no file but a link/);
  await store.release();
  await Deno.remove(folder.at("store/a.part"));
  for (const target of [folder.at("victim"), folder.at("nowhere"), "away"]) {
    await Deno.symlink(target, folder.at("store/a.part"));
    await assertRejects(() => store.write(0, pieceOf(torrent, 0)), StorageError);
    await Deno.remove(folder.at("store/a.part"));
  }
  await store.forget();
  assertEquals(await Deno.readTextFile(folder.at("victim")), "precious");
  assert(!await folder.exists("nowhere"));
});
