import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/layout.ts";
import { type CreatedTorrent, createTorrent } from "../../../peer/io/create_torrent.ts";
import { FileStore } from "../../../peer/io/file_store.ts";
import { PeerDb } from "../../../peer/io/peer_db.ts";
import { checkPieces } from "../../../peer/io/resume.ts";
import type { TorrentRecord } from "../../../peer/logic/resume_plan.ts";
import { StorageError } from "../../../peer/ports.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";

const PIECE = 16384;

/** A torrent whose source lies in one folder and that is downloaded into another. */
class Download implements AsyncDisposable {
  readonly layout: Layout;
  readonly have: Bitfield;

  private constructor(
    readonly source: TempFolder,
    readonly target: TempFolder,
    readonly torrent: CreatedTorrent,
  ) {
    this.layout = new Layout(torrent.info.totalSize, PIECE);
    this.have = new Bitfield(this.layout.pieceCount);
  }

  /** t/a: pieces 0–4, t/b: 4–8 (shares 4), t/empty. */
  static async make(): Promise<Download> {
    const source = await TempFolder.make();
    await source.write("t/a", patternBytes(4 * PIECE + 100, 3));
    await source.write("t/b", patternBytes(4 * PIECE, 5));
    await source.write("t/empty", "");
    const torrent = await createTorrent({ path: source.at("t"), pieceLength: PIECE });
    return new Download(source, await TempFolder.make(), torrent);
  }

  open(record?: TorrentRecord): Promise<FileStore> {
    return FileStore.open({
      dir: this.target.path,
      files: this.torrent.info.files,
      layout: this.layout,
      paths: record?.paths,
    });
  }

  /** Writes pieces as a download would, and notes them as owned unless told otherwise. */
  async receive(store: FileStore, pieces: number[], isNoted = true): Promise<void> {
    await using from = await FileStore.open({
      dir: this.source.path,
      files: this.torrent.info.files,
      layout: this.layout,
    });
    for (const piece of pieces) {
      const bytes = new Uint8Array(this.layout.pieceSize(piece));
      await from.read(piece, bytes);
      await store.write(piece, bytes);
      if (isNoted) this.have.add(piece);
    }
  }

  record(store: FileStore, clean: boolean): TorrentRecord {
    return {
      infoHash: this.torrent.infoHash.toHex(),
      name: "t",
      dir: this.target.path,
      state: "active",
      have: this.have.bytes.slice(),
      downloaded: 0,
      uploaded: 0,
      addedAt: 0,
      completedAt: undefined,
      trackers: [],
      paths: store.paths,
      files: this.torrent.info.files.map((_, index) => store.onDisk.entry(index)),
      clean,
      aliveAt: Date.now(),
    };
  }

  /** Damages a piece so that neither size nor time of its file tells. */
  async damageSecretly(path: string, offset: number): Promise<void> {
    const { mtime } = await Deno.stat(path);
    using file = await Deno.open(path, { read: true, write: true });
    await file.seek(offset, Deno.SeekMode.Start);
    await file.write(new Uint8Array(8).fill(0x55));
    await file.utime(mtime!, mtime!);
  }

  /** What is owned after a restart with `record`. */
  async restart(
    record: TorrentRecord | undefined,
    data: "check" | "trust" | "new" = "check",
  ): Promise<number[]> {
    await using store = await this.open(record);
    const { have } = await checkPieces({
      info: this.torrent.info,
      layout: this.layout,
      store,
      record,
      data,
      random: () => 0,
    });
    return Array.from({ length: have.length }, (_, piece) => piece).filter((i) => have.has(i));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await this.target[Symbol.asyncDispose]();
  }
}

Deno.test("after a clean stop one piece per file is hashed, the others are believed", async () => {
  await using download = await Download.make();
  let record: TorrentRecord;
  {
    await using store = await download.open();
    await store.prepare(download.have);
    await download.receive(store, [0, 2, 6, 8]);
    await store.sync();
    record = download.record(store, true);
  }
  assertEquals(await download.restart(record), [0, 2, 6, 8]);
  await download.damageSecretly(download.target.at("t/a.part"), 2 * PIECE);
  assertEquals(await download.restart(record), [0, 2, 6, 8]);
  await download.damageSecretly(download.target.at("t/a.part"), 0);
  assertEquals(await download.restart(record), [6, 8]);
});

Deno.test("after a kill what was recorded is believed and what was not is found by its hash", async () => {
  await using download = await Download.make();
  const dir = download.target.at(".vtorrent");
  // A store that is never closed, and a record that is older than the last writes: a crash.
  const store = await download.open();
  {
    await store.prepare(download.have);
    await download.receive(store, [0, 1, 5]);
    await store.sync();
    using db = await PeerDb.open(dir);
    db.saveTorrent(download.record(store, false));
    await download.receive(store, [3, 7], false);
    await store.write(8, new Uint8Array(download.layout.pieceSize(8)).fill(1));
  }
  // Closing writes nothing; it gives back the names, as the end of a process does.
  await store[Symbol.asyncDispose]();
  using db = await PeerDb.open(dir);
  const record = db.torrent(download.torrent.infoHash.toHex())!;
  assertEquals(await download.restart(record), [0, 1, 3, 5, 7]);
});

Deno.test("a file deleted or changed outside costs its own pieces only", async () => {
  await using download = await Download.make();
  let record: TorrentRecord;
  {
    await using store = await download.open();
    await store.prepare(download.have);
    await download.receive(store, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const file of [0, 1, 2]) await store.finish(file);
    record = download.record(store, true);
  }
  const b = await download.target.read("t/b");
  b[2 * PIECE]! ^= 1;
  await download.target.write("t/b", b);
  await Deno.utime(download.target.at("t/b"), 5, 5);
  const changed = await download.restart(record);
  assertEquals(changed.includes(6), false);
  assertEquals(changed.length, 8);

  await Deno.remove(download.target.at("t/a"));
  assertEquals(await download.restart(record), [5, 7, 8]);
});

Deno.test("files that are there without a record are hashed; whole ones may be trusted", async () => {
  await using download = await Download.make();
  for (const name of ["t/a", "t/b", "t/empty"]) {
    await download.target.write(name, await download.source.read(name));
  }
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  assertEquals(await download.restart(undefined), all);
  await download.damageSecretly(download.target.at("t/a"), PIECE);
  assertEquals(await download.restart(undefined, "trust"), all);
  assertEquals(await download.restart(undefined), [0, 2, 3, 4, 5, 6, 7, 8]);
  await Deno.truncate(download.target.at("t/b"), 2 * PIECE);
  assertEquals(await download.restart(undefined, "trust"), [0, 2, 3, 4, 5]);
});

Deno.test("a new download refuses a file in its way and leaves it alone", async () => {
  await using download = await Download.make();
  await download.target.write("t/b", "mine");
  const error = await assertRejects(() => download.restart(undefined, "new"), StorageError);
  assertEquals([error.kind, error.path], ["exists", download.target.at("t/b")]);
  assertEquals(await Deno.readTextFile(download.target.at("t/b")), "mine");
  assert(!await download.target.exists("t/a.part"));
});

Deno.test("a new download into an empty folder is ready to go", async () => {
  await using download = await Download.make();
  assertEquals(await download.restart(undefined, "new"), []);
  assert(await download.target.exists("t/empty"));
});
