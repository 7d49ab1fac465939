import { Layout } from "../../../protocol/piece_layout.ts";
import type { Info } from "../../../protocol/metainfo.ts";
import { createTorrent } from "../../../peer/metainfo/create_torrent.ts";
import { FileStore } from "../../../peer/storage/file_store.ts";
import { verifyPieces } from "../../../peer/resume/verifier.ts";
import { verifyFiles } from "../../../peer/resume/verify_files.ts";
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
  const report = await verifyFiles({ info, dir: folder.path });
  assertEquals([report.piecesTotal, report.piecesGood, report.complete], [9, 9, true]);
  assertEquals(
    report.files.map(({ path, length, actualLength, verdict, foundAt, problem }) => [
      path,
      length,
      actualLength,
      verdict,
      foundAt ?? problem,
    ]),
    [
      ["t/a", 82020, 82020, "good", undefined],
      ["t/b", 20_000, 20_000, "good", undefined],
      ["t/c/empty", 0, 0, "good", undefined],
      ["t/d", 40_000, 40_000, "good", undefined],
    ],
  );
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
  const seen = report.files.map((file) => [
    file.verdict,
    file.problem,
    file.badPieces,
    file.unknownPieces,
    file.sharedWith,
  ]);
  assertEquals(seen, [
    // Its last bytes are in a piece of which the next file's are missing.
    ["unknown", undefined, [], [5], ["t/b"]],
    ["bad", "missing", [5, 6], [], []],
    ["good", undefined, [], [], []],
    ["bad", "length", [8], [6], ["t/b"]],
  ]);
});

Deno.test("a piece of two whole files that is not good accuses neither of them", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  const bytes = await folder.read("t/b");
  bytes[0]! ^= 1;
  await folder.write("t/b", bytes);
  const { files } = await verifyFiles({ info, dir: folder.path });
  assertEquals(files.map((file) => file.verdict), ["unknown", "unknown", "good", "good"]);
  assertEquals([files[0]!.unknownPieces, files[0]!.sharedWith], [[5], ["t/b"]]);
});

Deno.test({
  name: "a file that cannot be read does not keep the others from being checked",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await TempFolder.make();
    const info = await course(folder);
    await Deno.remove(folder.at("t/b"));
    // Root reads everything, but nobody reads a device without a driver or a link to itself.
    await Deno.symlink("b", folder.at("t/b"));
    await Deno.remove(folder.at("t/d"));
    await Deno.mkdir(folder.at("t/d"));
    const { files, complete } = await verifyFiles({ info, dir: folder.path });
    assertEquals(complete, false);
    assertEquals(files.map(({ verdict, problem }) => [verdict, problem]), [
      ["unknown", undefined],
      ["bad", "not-a-file"],
      ["good", undefined],
      ["bad", "not-a-file"],
    ]);
  },
});

Deno.test("a download beside a file that differs is found; an unfinished one is reported", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  const [right, other] = [await folder.read("t/a"), (await folder.read("t/a")).fill(1, 0, 9)];
  await folder.write("t/a", other);
  await folder.write("t/a (1)", right);
  await Deno.rename(folder.at("t/d"), folder.at("t/d.part"));
  const { files } = await verifyFiles({ info, dir: folder.path });
  assertEquals(files.map(({ verdict, foundAt, problem }) => [verdict, foundAt, problem]), [
    ["good", "t/a (1)", undefined],
    ["good", undefined, undefined],
    ["good", undefined, undefined],
    ["bad", undefined, "unfinished"],
  ]);
  // Who puts the right one back finds it under its own name, whatever lies beside it.
  await folder.write("t/a", right);
  await folder.write("t/a (1)", other);
  assertEquals((await verifyFiles({ info, dir: folder.path })).files[0]!.foundAt, undefined);
});

Deno.test("a file that is too long or an empty one that is missing is not whole", async () => {
  await using folder = await TempFolder.make();
  const info = await course(folder);
  await Deno.remove(folder.at("t/c/empty"));
  await Deno.writeTextFile(folder.at("t/d"), "more", { append: true });
  const report = await verifyFiles({ info, dir: folder.path });
  assertEquals([report.piecesGood, report.complete], [9, false]);
  assertEquals(report.files.map((file) => file.verdict), ["good", "good", "bad", "bad"]);
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
