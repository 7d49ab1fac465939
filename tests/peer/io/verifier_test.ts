import { Layout } from "../../../protocol/layout.ts";
import type { Info } from "../../../protocol/metainfo.ts";
import { createTorrent } from "../../../peer/io/create_torrent.ts";
import { FileStore } from "../../../peer/io/file_store.ts";
import { verifyPieces } from "../../../peer/io/verifier.ts";
import { verifyFiles } from "../../../peer/io/verify_files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { patternBytes, TempFolder } from "../../support/temp_folder.ts";

/** t/a (5 pieces of 16 KiB and a bit), t/b (crosses into the next piece), t/c/empty, t/d. */
async function course(folder: TempFolder): Promise<Info> {
  await folder.write("t/a", patternBytes(5 * 16384 + 100, 3));
  await folder.write("t/b", patternBytes(20_000, 5));
  await folder.write("t/c/empty", "");
  await folder.write("t/d", patternBytes(40_000, 7));
  return (await createTorrent({ path: folder.at("t"), pieceLength: 16384 })).info;
}

async function goodPieces(folder: TempFolder, info: Info, pieces?: number[]): Promise<number[]> {
  const layout = new Layout(info.totalSize, info.pieceLength);
  await using store = await FileStore.open({ dir: folder.path, files: info.files, layout });
  const seen: number[] = [];
  let last: [number, number] | undefined;
  const good = await verifyPieces({
    store,
    layout,
    hashes: info.pieces,
    pieces,
    onPiece: (piece) => seen.push(piece),
    onProgress: (checked, count) => last = [checked, count],
  });
  const asked = pieces ?? Array.from({ length: layout.pieceCount }, (_, piece) => piece);
  assertEquals(seen.sort((a, b) => a - b), asked);
  assertEquals(last, [asked.length, good.count]);
  return asked.filter((piece) => good.has(piece));
}

Deno.test("whole files are all good", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  assertEquals(await goodPieces(folder, info), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(await verifyFiles({ info, dir: folder.path }), {
    piecesTotal: 9,
    piecesGood: 9,
    complete: true,
    files: [
      { path: "t/a", length: 82020, actualLength: 82020, good: true },
      { path: "t/b", length: 20_000, actualLength: 20_000, good: true },
      { path: "t/c/empty", length: 0, actualLength: 0, good: true },
      { path: "t/d", length: 40_000, actualLength: 40_000, good: true },
    ],
  });
});

Deno.test("a changed byte costs its piece only", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  const bytes = await folder.read("t/a");
  bytes[2 * 16384]! ^= 1;
  await folder.write("t/a", bytes);
  assertEquals(await goodPieces(folder, info), [0, 1, 3, 4, 5, 6, 7, 8]);
  assertEquals(await goodPieces(folder, info, [1, 2, 8]), [1, 8]);
});

Deno.test("a missing file costs the pieces that touch it, a cut one those beyond its end", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  await Deno.remove(folder.at("t/b"));
  await Deno.truncate(folder.at("t/d"), 39_999);
  assertEquals(await goodPieces(folder, info), [0, 1, 2, 3, 4, 7]);
  const report = await verifyFiles({ info, dir: folder.path });
  assertEquals([report.piecesGood, report.complete], [6, false]);
  assertEquals(report.files.map((file) => [file.actualLength, file.good]), [
    [82020, false],
    [undefined, false],
    [0, true],
    [39_999, false],
  ]);
});

Deno.test("a file that is too long or an empty one that is missing is not whole", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  await Deno.remove(folder.at("t/c/empty"));
  await Deno.writeTextFile(folder.at("t/d"), "more", { append: true });
  const report = await verifyFiles({ info, dir: folder.path });
  assertEquals([report.piecesGood, report.complete], [9, false]);
  assertEquals(report.files.map((file) => file.good), [true, true, false, false]);
});

Deno.test("nothing there at all is no error", async () => {
  await using folder = await TempFolder.make();
  await using empty = await TempFolder.make();
  const info = await course(folder);
  assertEquals(await goodPieces(empty, info), []);
});

Deno.test("a file that shrinks during the check is simply not good", async () => {
  await using folder = await TempFolder.make();
  await folder.write("big", patternBytes(7 * 2 ** 20));
  const { info } = await createTorrent({ path: folder.at("big"), pieceLength: 2 ** 20 });
  const layout = new Layout(info.totalSize, info.pieceLength);
  await using store = await FileStore.open({ dir: folder.path, files: info.files, layout });
  let checked = 0;
  const good = await verifyPieces({
    store,
    layout,
    hashes: info.pieces,
    onPiece(piece) {
      if (piece === 0) Deno.truncateSync(folder.at("big"), 2 ** 20);
      checked++;
    },
  });
  assertEquals([checked, good.has(0), good.has(6)], [7, true, false]);
});

Deno.test("a check stops when it is aborted", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  const signal = AbortSignal.abort(new RangeError("enough"));
  await assertRejects(() => verifyFiles({ info, dir: folder.path, signal }), RangeError, "enough");
});
