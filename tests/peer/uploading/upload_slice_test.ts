import fc from "fast-check";
import { Layout } from "../../../protocol/piece_layout.ts";
import { SLICE_LENGTH, sliceKey, sliceOf } from "../../../peer/uploading/upload_slice.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("a piece of up to a MiB is one slice, a larger one several", () => {
  const small = new Layout(5_000_000, 2 ** 20);
  assertEquals(sliceOf(small, 1, 2 ** 20 - 16384), { key: 256, begin: 0, length: 2 ** 20 });
  assertEquals(sliceOf(small, 4, 0).length, 5_000_000 - 4 * 2 ** 20);
  const large = new Layout(2 ** 26, 2 ** 24);
  assertEquals(sliceOf(large, 2, 3 * SLICE_LENGTH + 5), {
    key: 2 * 256 + 3,
    begin: 3 * SLICE_LENGTH,
    length: SLICE_LENGTH + 16384,
  });
});

Deno.test("every block that may be asked for lies in its slice", () => {
  const sizes = fc.record({
    exponent: fc.integer({ min: 14, max: 27 }),
    pieces: fc.integer({ min: 1, max: 5 }),
    missing: fc.double({ min: 0, max: 0.99, noNaN: true }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 16384 }),
  });
  fc.assert(
    fc.property(sizes, ({ exponent, pieces, missing, at, length }) => {
      const pieceLength = 2 ** exponent;
      const layout = new Layout(Math.ceil((pieces - missing) * pieceLength), pieceLength);
      const piece = layout.pieceCount - 1;
      const size = layout.pieceSize(piece);
      const begin = Math.floor(at * (size - 1));
      const end = Math.min(size, begin + length);
      const slice = sliceOf(layout, piece, begin);
      assert(slice.begin <= begin && end <= slice.begin + slice.length);
      assert(slice.begin + slice.length <= size);
      assertEquals(slice.key, sliceKey(piece, begin));
    }),
    { seed: 7 },
  );
});
