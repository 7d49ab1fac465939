import { PieceCache } from "../../../peer/io/piece_cache.ts";
import { BufferPool } from "../../../peer/logic/buffer_pool.ts";
import type { PieceStore } from "../../../peer/ports.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";

/** A store of pieces filled with their index, that counts reads. */
function countingStore(): PieceStore & { reads: number[] } {
  const reads: number[] = [];
  return {
    reads,
    readRange(offset, into) {
      const piece = offset / 100;
      reads.push(piece);
      into.fill(piece);
      return Promise.resolve();
    },
    write: () => Promise.resolve(),
    sync: () => Promise.resolve(),
    finish: () => Promise.resolve("its name"),
    want: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("many who want one piece cost one read", async () => {
  const store = countingStore();
  const cache = new PieceCache(1000, new BufferPool(1000));
  await Promise.all([1, 2, 3].map(() => cache.load(store, 7, 700, 100)));
  assertEquals(cache.get(store, 7), new Uint8Array(100).fill(7));
  assertEquals(store.reads, [7]);
});

Deno.test("the cache keeps what was used last and never more than its limit", async () => {
  const store = countingStore();
  const cache = new PieceCache(300, new BufferPool(1000));
  for (const piece of [0, 1, 2]) await cache.load(store, piece, piece * 100, 100);
  cache.get(store, 0);
  await cache.load(store, 3, 3 * 100, 100);
  assert(cache.get(store, 1) === undefined, "1 was used longest ago");
  assertEquals([0, 2, 3].map((piece) => cache.get(store, piece)?.[0]), [0, 2, 3]);
});

Deno.test("two torrents' pieces are not confused, and go with their torrent", async () => {
  const [a, b] = [countingStore(), countingStore()];
  const cache = new PieceCache(1000, new BufferPool(1000));
  await cache.load(a, 1, 100, 10);
  assertEquals(cache.get(b, 1), undefined);
  await cache.load(b, 1, 100, 20);
  cache.dropAll(a);
  assertEquals(cache.get(a, 1), undefined);
  assertEquals(cache.get(b, 1)?.length, 20);
});

Deno.test("a read that fails reaches all who wait, keeps nothing, and may be tried again", async () => {
  const store = countingStore();
  const buffers = new BufferPool(1000);
  const cache = new PieceCache(1000, buffers);
  const { readRange } = store;
  store.readRange = () => Promise.reject(new Error("disk"));
  await assertRejects(() => cache.load(store, 1, 100, 10), Error, "disk");
  assertEquals(buffers.lent, 0);
  store.readRange = readRange;
  await cache.load(store, 1, 100, 10);
  assertEquals(cache.get(store, 1)?.[0], 1);
});
