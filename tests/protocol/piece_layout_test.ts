import { layoutOf } from "../../protocol/padded_layout.ts";
import fc from "fast-check";
import { BLOCK_LENGTH, Layout } from "../../protocol/piece_layout.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("Layout cuts a torrent whose last piece and last block are short", () => {
  const layout = new Layout(100_000, 65536);
  assertEquals(layout.pieceCount, 2);
  assertEquals([layout.pieceOffset(0), layout.pieceOffset(1)], [0, 65536]);
  assertEquals([layout.pieceSize(0), layout.pieceSize(1)], [65536, 34464]);
  assertEquals([layout.blockCount(0), layout.blockCount(1)], [4, 3]);
  assertEquals([0, 1, 2].map((block) => layout.blockSize(1, block)), [16384, 16384, 1696]);
});

Deno.test("Layout leaves an exact fit whole", () => {
  const layout = new Layout(65536, 32768);
  assertEquals(layout.pieceCount, 2);
  assertEquals(layout.pieceSize(1), 32768);
  assertEquals(layout.blockSize(1, 1), 16384);
});

Deno.test("Layout of nothing has no pieces", () => {
  const layout = new Layout(0, 16384);
  assertEquals(layout.pieceCount, 0);
  assert(!layout.contains(0, 0, 1));
});

Deno.test("Layout stays exact beyond 4 GiB", () => {
  const layout = new Layout(5 * 2 ** 40 + 1, 2 ** 24);
  assertEquals(layout.pieceOffset(layout.pieceCount - 1), 5 * 2 ** 40);
  assertEquals(layout.pieceSize(layout.pieceCount - 1), 1);
});

Deno.test("Layout refuses sizes that cannot be", () => {
  for (const size of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => new Layout(size, 16384), RangeError);
  }
  for (const length of [0, -1, 1.5, NaN]) assertThrows(() => new Layout(1, length), RangeError);
});

Deno.test("Layout.contains() allows bytes inside one piece only", () => {
  const layout = new Layout(100_000, 65536);
  assert(layout.contains(0, 0, 16384));
  assert(layout.contains(0, 65535, 1));
  assert(layout.contains(1, 34463, 1));
  assert(!layout.contains(0, 65535, 2));
  assert(!layout.contains(1, 34463, 2));
  assert(!layout.contains(1, 34464, 1));
  assert(!layout.contains(2, 0, 1));
  assert(!layout.contains(-1, 0, 1));
  assert(!layout.contains(0, -1, 1));
  assert(!layout.contains(0, 0, 0));
  assert(!layout.contains(0, 0, -1));
  // The largest values that the wire can carry.
  assert(!layout.contains(0xffffffff, 0, 1));
  assert(!layout.contains(0, 0xffffffff, 0xffffffff));
});

Deno.test("Layout.piecesOf() gives the pieces that a file touches", () => {
  const layout = new Layout(100, 10);
  assertEquals(layout.piecesOf(0, 10), { first: 0, last: 0 });
  assertEquals(layout.piecesOf(0, 11), { first: 0, last: 1 });
  assertEquals(layout.piecesOf(9, 2), { first: 0, last: 1 });
  assertEquals(layout.piecesOf(95, 5), { first: 9, last: 9 });
  assertEquals(layout.piecesOf(50, 0), undefined);
});

Deno.test("pieces and blocks of any layout add up to the whole", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 1000, max: 200_000 }),
      (totalSize, pieceLength) => {
        const layout = new Layout(totalSize, pieceLength);
        let total = 0;
        for (let piece = 0; piece < layout.pieceCount; piece++) {
          assertEquals(layout.pieceOffset(piece), total);
          let inPiece = 0;
          for (let block = 0; block < layout.blockCount(piece); block++) {
            const size = layout.blockSize(piece, block);
            assert(size > 0 && size <= BLOCK_LENGTH);
            assert(layout.contains(piece, inPiece, size));
            inPiece += size;
          }
          assertEquals(inPiece, layout.pieceSize(piece));
          total += inPiece;
        }
        assertEquals(total, totalSize);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("a v2 file's last piece ends with the file, and the gap behind it is no payload", () => {
  // Files of 25 and 3 bytes in pieces of 10: 0-9, 10-19, 20-24 and a gap, 30-32.
  const files = [
    { offset: 0, length: 25, pad: false },
    { offset: 25, length: 5, pad: true },
    { offset: 30, length: 3, pad: false },
  ];
  const layout = layoutOf({ kind: "v2", totalSize: 33, pieceLength: 10, files });
  assertEquals([0, 1, 2, 3].map((piece) => layout.pieceSize(piece)), [10, 10, 5, 3]);
  assertEquals([layout.totalSize, layout.payloadSize, layout.pieceOffset(3)], [33, 28, 30]);
  assertEquals(layout.bytesMissing({ count: 2, has: (piece) => piece < 2 }), 8);
  assertEquals(layout.bytesMissing({ count: 1, has: (piece) => piece === 3 }), 25);
  assertEquals([layout.contains(2, 0, 10), layout.contains(2, 5, 5)], [true, false]);
  assertEquals([layout.contains(3, 0, 10), layout.contains(3, 0, 11)], [true, false]);
});

Deno.test("a v1 piece that ends in padding is whole, and what lies before it is known", () => {
  const files = [
    { offset: 0, length: 25, pad: false },
    { offset: 25, length: 15, pad: true },
    { offset: 40, length: 3, pad: false },
  ];
  const layout = layoutOf({ kind: "hybrid", totalSize: 43, pieceLength: 10, files });
  assertEquals([2, 3, 4].map((piece) => layout.pieceSize(piece)), [10, 10, 3]);
  assertEquals([1, 2, 3, 4].map((piece) => layout.contentSize(piece)), [10, 5, 1, 3]);
  assertEquals(layout.payloadSize, 43);
});
