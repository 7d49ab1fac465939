import fc from "fast-check";
import { FileMap } from "../../../peer/pieces/file_map.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

function laidOut(lengths: number[]): { offset: number; length: number }[] {
  let offset = 0;
  return lengths.map((length) => ({ offset: (offset += length) - length, length }));
}

Deno.test("a range inside one file is one span", () => {
  assertEquals(new FileMap(laidOut([10, 20])).spans(12, 5), [{ file: 1, offset: 2, length: 5 }]);
});

Deno.test("a range over several files leaves the empty ones out", () => {
  assertEquals(new FileMap(laidOut([0, 3, 0, 4, 0, 5, 0])).spans(2, 6), [
    { file: 1, offset: 2, length: 1 },
    { file: 3, offset: 0, length: 4 },
    { file: 5, offset: 0, length: 1 },
  ]);
});

Deno.test("no bytes lie in no file", () => {
  assertEquals(new FileMap(laidOut([4, 4])).spans(4, 0), []);
  assertEquals(new FileMap([]).spans(0, 0), []);
});

Deno.test("a range outside of the torrent is refused", () => {
  const map = new FileMap(laidOut([4, 4]));
  assertThrows(() => map.spans(7, 2), RangeError);
  assertThrows(() => map.spans(-1, 2), RangeError);
});

Deno.test("files with gaps between them are refused", () => {
  assertThrows(() => new FileMap([{ offset: 1, length: 2 }]), RangeError);
});

Deno.test("spans cover exactly the bytes asked for, each once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.nat(),
      (lengths, a, b) => {
        const files = laidOut(lengths);
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const offset = a % (total + 1);
        const length = b % (total - offset + 1);
        const covered: number[] = [];
        for (const span of new FileMap(files).spans(offset, length)) {
          const file = files[span.file]!;
          assert(span.length > 0 && span.offset + span.length <= file.length);
          for (let i = 0; i < span.length; i++) covered.push(file.offset + span.offset + i);
        }
        assertEquals(covered, Array.from({ length }, (_, i) => offset + i));
      },
    ),
    { seed: 20, numRuns: 500 },
  );
});
