import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/piece_layout.ts";
import { parseMetainfo } from "../../../protocol/metainfo.ts";
import { createTorrent } from "../../../peer/metainfo/create_torrent.ts";
import { FileStore } from "../../../peer/storage/file_store.ts";
import { verifyFiles } from "../../../peer/resume/verify_files.ts";
import { StorageError } from "../../../peer/ports.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";

async function sha1(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).toHex();
}

Deno.test("one file becomes a single-file torrent with the right hashes", async () => {
  await using folder = await TempFolder.make();
  const content = patternBytes(50_000);
  const path = await folder.write("Übung 1.pdf", content);
  const progress: number[] = [];
  const torrent = await createTorrent({
    path,
    pieceLength: 16384,
    trackers: [["http://127.0.0.1:8000/announce"]],
    comment: "week 1",
    onProgress: (done) => progress.push(done),
  });
  const { info, trackers, comment, creationDate, infoBytes } = parseMetainfo(torrent.bytes);
  assertEquals([info.name, info.multiFile, info.totalSize], ["Übung 1.pdf", false, 50_000]);
  assertEquals([trackers, comment, creationDate], [
    [["http://127.0.0.1:8000/announce"]],
    "week 1",
    undefined,
  ]);
  assertEquals(info.pieceCount, 4);
  for (let i = 0; i < 4; i++) {
    assertEquals(
      info.pieces.slice(i * 20, i * 20 + 20).toHex(),
      await sha1(content.slice(i * 16384, (i + 1) * 16384)),
    );
  }
  assertEquals(torrent.infoHash.toHex(), await sha1(infoBytes));
  assertEquals([torrent.dir, torrent.paths], [
    await Deno.realPath(folder.path),
    ["Übung 1.pdf"],
  ]);
  assertEquals(progress.at(-1), 50_000);
});

Deno.test("a folder: sorted, nested, empty files kept; hidden, junk and links left out", async () => {
  await using folder = await TempFolder.make();
  await folder.write("course/z.txt", "last");
  await folder.write("course/a/b/deep.txt", "deep");
  await folder.write("course/a/empty", "");
  await folder.write("course/日本語 1.txt", "text");
  await folder.write("course/.git/config", "hidden");
  await folder.write("course/Thumbs.db", "junk");
  await folder.write("course/a/.DS_Store", "junk");
  await folder.write("outside", "secret");
  await Deno.symlink(folder.at("outside"), folder.at("course/link"));
  const names = async (options: { includeHidden?: boolean; includeJunk?: boolean }) =>
    (await createTorrent({ path: folder.at("course"), ...options })).info.files.map((f) => f.path);
  const plain = ["course/a/b/deep.txt", "course/a/empty", "course/z.txt", "course/日本語 1.txt"];
  assertEquals(await names({}), plain);
  assertEquals((await names({ includeJunk: true })).length, 5);
  assertEquals((await names({ includeHidden: true })).length, 5);
  assertEquals((await names({ includeHidden: true, includeJunk: true })).length, 7);
});

Deno.test("the same content gives the same bytes, a source another info hash", async () => {
  await using folder = await TempFolder.make();
  for (const copy of ["one", "two"]) {
    for (const name of ["x", "b", "y/a"]) {
      await folder.write(`${copy}/t/${name}`, patternBytes(40_000, name.length));
    }
  }
  const one = await createTorrent({ path: folder.at("one/t") });
  const two = await createTorrent({ path: folder.at("two/t/") });
  assertEquals(one.bytes, two.bytes);
  const other = await createTorrent({ path: folder.at("one/t"), source: "lab" });
  assertNotEquals(other.infoHash.toHex(), one.infoHash.toHex());
});

Deno.test("several paths of one folder become that folder's torrent", async () => {
  await using folder = await TempFolder.make();
  await folder.write("t/a", "aaa");
  await folder.write("t/b", "bbb");
  await folder.write("t/c/d", "ddd");
  await folder.write("u", "uuu");
  const torrent = await createTorrent({
    path: [folder.at("t/c"), folder.at("t/a"), folder.at("t/a")],
    name: "picked",
  });
  assertEquals(torrent.info.files.map((file) => file.path), ["picked/a", "picked/c/d"]);
  assertEquals(torrent.paths, ["t/a", "t/c/d"]);
  await assertRejects(
    () => createTorrent({ path: [folder.at("t/a"), folder.at("u")] }),
    StorageError,
    "different folders",
  );
});

Deno.test("a created torrent can be seeded in place, also under a name unsafe elsewhere", async () => {
  await using folder = await TempFolder.make();
  await folder.write("what? 1:2/CON.txt", patternBytes(30_000));
  await folder.write("what? 1:2/b", patternBytes(30_000, 7));
  const torrent = await createTorrent({ path: folder.at("what? 1:2"), pieceLength: 16384 });
  const { info, dir, paths } = torrent;
  assertEquals(info.files.map((file) => file.path), paths);
  const layout = new Layout(info.totalSize, info.pieceLength);
  await using store = await FileStore.open({ dir, files: info.files, layout });
  await store.prepare(Bitfield.full(layout.pieceCount));
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    const into = new Uint8Array(layout.pieceSize(piece));
    await store.read(piece, into);
    assertEquals(await sha1(into), info.pieces.slice(piece * 20, piece * 20 + 20).toHex());
  }
});

Deno.test("pieces of every size, and of nothing but zeros, hash the same as one by one", async () => {
  await using folder = await TempFolder.make();
  const content = patternBytes(9_500_001);
  content.fill(0, 1_000_000, 6_500_000);
  const path = await folder.write("big", content);
  for (const pieceLength of [2 ** 14, 2 ** 18, 2 ** 21, 2 ** 23]) {
    const { info } = await createTorrent({ path, pieceLength });
    for (let i = 0; i < info.pieceCount; i++) {
      assertEquals(
        info.pieces.slice(i * 20, i * 20 + 20).toHex(),
        await sha1(content.slice(i * pieceLength, (i + 1) * pieceLength)),
      );
    }
    assert((await verifyFiles({ info, dir: folder.path })).complete);
  }
});

Deno.test("a file that cannot be shared is named with the reason", async () => {
  await using folder = await TempFolder.make();
  await Deno.mkdir(folder.at("empty"));
  await folder.write("zero", "");
  const path = await folder.write("file", "x");
  const missing = await assertRejects(
    () => createTorrent({ path: folder.at("nope") }),
    StorageError,
    `Cannot share ${folder.at("nope")}: it is missing`,
  );
  assertEquals(missing.kind, "missing");
  await assertRejects(
    () => createTorrent({ path: folder.at("empty") }),
    StorageError,
    "nothing in",
  );
  await assertRejects(() => createTorrent({ path: folder.at("zero") }), StorageError, "nothing in");
  await assertRejects(
    () => createTorrent({ path, pieceLength: 20_000 }),
    RangeError,
    "power of two",
  );
});

Deno.test("creating stops when it is aborted", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("big", patternBytes(4_000_000));
  const abort = new AbortController();
  await assertRejects(
    () =>
      createTorrent({
        path,
        pieceLength: 16384,
        signal: abort.signal,
        onProgress: () => abort.abort(new RangeError("enough")),
      }),
    RangeError,
    "enough",
  );
});

Deno.test("a file that changes while it is read is not shared", async () => {
  await using folder = await TempFolder.make();
  const path = await folder.write("log", patternBytes(100_000));
  const grow = () => Deno.writeTextFileSync(path, "more", { append: true });
  await assertRejects(
    () => createTorrent({ path, onProgress: grow }),
    StorageError,
    "changed while it was read",
  );
});
