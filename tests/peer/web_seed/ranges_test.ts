import fc from "fast-check";
import { BLOCK_LENGTH, Layout } from "../../../protocol/piece_layout.ts";
import {
  BlockCutter,
  rangesOf,
  sortBlocks,
  type WantedBlock,
} from "../../../peer/web_seed/ranges.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { someBytes } from "../../support/swarm.ts";

Deno.test("ranges of files hold exactly the blocks, however files and pieces lie", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ length: fc.integer({ min: 0, max: 70_000 }), pad: fc.boolean() }),
        { minLength: 1, maxLength: 8 },
      ),
      fc.constantFrom(16384, 20_000, 65536),
      fc.infiniteStream(fc.boolean()),
      fc.infiniteStream(fc.integer({ min: 1, max: 40_000 })),
      (lengths, pieceLength, wanted, cuts) => {
        let offset = 0;
        const files = lengths.map(({ length, pad }) => {
          offset += length;
          return { length, pad, offset: offset - length };
        });
        const layout = new Layout(offset, pieceLength);
        const bytes = someBytes(offset);
        for (const file of files) {
          if (file.pad) bytes.fill(0, file.offset, file.offset + file.length);
        }
        const blocks: WantedBlock[] = [];
        for (let piece = layout.pieceCount - 1; piece >= 0; piece--) {
          for (let block = 0; block < layout.blockCount(piece); block++) {
            if (!wanted.next().value) continue;
            const length = layout.blockSize(piece, block);
            blocks.push({ piece, begin: block * BLOCK_LENGTH, length });
          }
        }
        let blocksCut = 0;
        const cutter = new BlockCutter(sortBlocks(blocks), ({ piece, begin, length }, data) => {
          const at = layout.pieceOffset(piece) + begin;
          assertEquals(data, bytes.subarray(at, at + length));
          blocksCut++;
        });
        for (const range of rangesOf(blocks, files, layout)) {
          const file = range.file === undefined ? undefined : files[range.file]!;
          const content = file === undefined
            ? new Uint8Array(range.length)
            : bytes.subarray(file.offset, file.offset + file.length)
              .subarray(range.offset, range.offset + range.length);
          assertEquals(content.length, range.length);
          assertEquals(file?.pad ?? false, false);
          for (let i = 0; i < content.length;) {
            const size = cuts.next().value!;
            cutter.push(content.subarray(i, i + size));
            i += size;
          }
        }
        assertEquals(blocksCut, blocks.length);
      },
    ),
    { seed: 11, numRuns: 150 },
  );
});

Deno.test("neighbouring blocks are one range, and a file's end ends it", () => {
  const layout = new Layout(100_000, 32768);
  const files = [
    { offset: 0, length: 40_000, pad: false },
    { offset: 40_000, length: 60_000, pad: false },
  ];
  const blocks = [
    { piece: 0, begin: 16384, length: 16384 },
    { piece: 1, begin: 0, length: 16384 },
    { piece: 2, begin: 0, length: 16384 },
  ];
  assertEquals(rangesOf(blocks, files, layout), [
    { file: 0, offset: 16384, length: 40_000 - 16384 },
    { file: 1, offset: 0, length: 3 * 16384 - 40_000 },
    { file: 1, offset: 25_536, length: 16384 },
  ]);
});

Deno.test("more bytes than blocks are an error", () => {
  const cutter = new BlockCutter([{ piece: 0, begin: 0, length: 5 }], () => {});
  cutter.push(new Uint8Array(5));
  assertThrows(() => cutter.push(new Uint8Array(1)), RangeError);
});
