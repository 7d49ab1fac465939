import { FileFinisher } from "../../peer/file_finisher.ts";
import { type PieceStore, StorageError } from "../../peer/ports.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { Layout } from "../../protocol/layout.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

const PIECE = 16384;

/** Files "0" … of half a piece each, and a store whose `finish` does as told. */
function halves(count: number, finish: (file: number) => Promise<string | undefined>) {
  const length = PIECE / 2;
  const files = Array.from({ length: count }, (_, i) => ({
    path: String(i),
    length,
    offset: i * length,
    pad: false,
    symlink: false,
    executable: false,
  }));
  const layout = new Layout(count * length, PIECE);
  const named: string[] = [];
  const store = { finish } as unknown as PieceStore;
  const finisher = new FileFinisher(files, layout, store, (path) => named.push(path));
  return { finisher, named, have: new Bitfield(layout.pieceCount) };
}

Deno.test("files get their names only when asked, and only those whose pieces are all there", async () => {
  const { finisher, named, have } = halves(6, () => Promise.resolve("its name"));
  have.add(1);
  finisher.add(have, 1, 1);
  assertEquals(named, []);
  assert(!finisher.isIdle);
  await finisher.finish();
  assertEquals(named.sort(), ["2", "3"]);
  assert(finisher.isIdle);
});

Deno.test("a file that comes while others are being named is named by the same call", async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const { finisher, named, have } = halves(4, async () => {
    begun.resolve();
    await go.promise;
    return "its name";
  });
  have.add(0);
  finisher.add(have, 0, 0);
  const done = finisher.finish();
  await begun.promise;
  have.add(1);
  finisher.add(have, 1, 1);
  go.resolve();
  await done;
  assertEquals(named.sort(), ["0", "1", "2", "3"]);
});

Deno.test("after a failure the rest is let go, and can be added and named again", async () => {
  let isBroken = true;
  const { finisher, named, have } = halves(40, (file) => {
    if (isBroken && file === 3) throw new StorageError("permission", "3", "Cannot finish 3");
    return Promise.resolve("its name");
  });
  for (let piece = 0; piece < have.length; piece++) have.add(piece);
  finisher.add(have, 0, have.length - 1);
  await assertRejects(() => finisher.finish(), StorageError, "Cannot finish 3");
  assert(finisher.isIdle);
  isBroken = false;
  finisher.add(have, 0, have.length - 1);
  await finisher.finish();
  assert(named.includes("3") && named.includes("39"));
});
