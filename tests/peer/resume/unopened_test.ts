/**
 * Torrents of last time that cannot be opened hinder nobody: they are listed with the reason, and
 * tried again when a person says so.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { Engine, type EngineEvent, UnknownTorrentError } from "../../../peer/mod.ts";
import { FileStore } from "../../../peer/storage/file_store.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../../support/assert.ts";
import { Planted } from "../../support/planted.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("each torrent that cannot be opened says why, and the others go on", async () => {
  await using maker = await TestEngine.start();
  await using folder = await TempFolder.make();
  const stateDir = folder.at(".vtorrent");
  const options = { dir: folder.path, stateDir, name: "t", host: "127.0.0.1", port: 0 };
  const names = ["record", "damaged", "missing", "fault", "good"];
  const hashes: Record<string, string> = {};
  const torrents: Record<string, Uint8Array> = {};
  {
    await using engine = await Engine.start(options);
    for (const [n, name] of names.entries()) {
      const bytes = someBytes(50_000, n);
      const made = await maker.engine.share(await maker.put(name, bytes));
      await Deno.writeFile(folder.at(name), bytes);
      hashes[name] = await engine.add(made.torrent);
      torrents[name] = made.torrent;
    }
  }
  {
    using db = new DatabaseSync(`${stateDir}/peer.db`);
    db.prepare("UPDATE torrents SET files = '[' WHERE name = 'record'").run();
  }
  const fileOf = (name: string) => `${stateDir}/torrents/${hashes[name]}.torrent`;
  await Deno.writeFile(fileOf("damaged"), new TextEncoder().encode("d4:info"));
  await Deno.remove(fileOf("missing"));
  const { open } = FileStore;
  FileStore.open = (options) =>
    options.files[0]!.path === "fault" ? Promise.reject(new Planted()) : open(options);

  try {
    await using engine = await Engine.start({ ...options, restoresLater: true });
    const events: EngineEvent[] = [];
    using _ = engine.subscribe((event) => void events.push(event));
    await engine.restore();
    const of = (name: string) => engine.snapshot().torrents.find((one) => one.name === name)!;
    const reasons = Object.fromEntries(
      names.map((name) => [name, [of(name).state, of(name).error ?? ""]]),
    );
    assertEquals(reasons["good"]![1], "");
    for (
      const [name, reason] of [
        ["record", /^internal error: .*JSON.*; please report it$/],
        ["damaged", /offset 7/],
        ["missing", /^its \.torrent is missing in the store$/],
        ["fault", /^internal error: planted \(.*\); please report it$/],
      ] as const
    ) {
      assertEquals(reasons[name]![0], "error");
      assertMatch(reasons[name]![1]!, reason);
      const told = events.filter((one) => one.event === "restore-failed" && one.name === name);
      assertEquals(told.length, 1);
      assertThrows(() => engine.pause(hashes[name]!), UnknownTorrentError, "is not open");
    }

    // Mended, it goes on; not mended, it says so again.
    await Deno.writeFile(fileOf("missing"), torrents["missing"]!);
    const seeding = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<void>();
    using __ = engine.subscribe((event) => {
      if (event.event === "restore-failed" && event.name === "damaged") failed.resolve();
      const isSeeding = event.event === "torrent-state" && event.state === "seeding";
      if (isSeeding && event.name === "missing") seeding.resolve();
    });
    engine.resume(hashes["missing"]!);
    engine.resume(hashes["damaged"]!);
    await Promise.all([seeding.promise, failed.promise]);
    assertEquals([of("missing").state, of("damaged").state], ["seeding", "error"]);
    // Added anew it is here as ever, and forgotten it is gone.
    FileStore.open = open;
    await engine.add(torrents["fault"]!);
    assert(of("fault").pieceCount > 0);
    await engine.remove(hashes["damaged"]!);
    assertEquals(of("damaged"), undefined);
  } finally {
    FileStore.open = open;
  }
  await using engine = await Engine.start(options);
  assertEquals(
    engine.snapshot().torrents.map(({ name, error }) => [name, error === undefined]).sort(),
    [["fault", true], ["good", true], ["missing", true], ["record", false]],
  );
});
