import * as fc from "fast-check";
import { assert, assertEquals } from "../../support/assert.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/piece_layout.ts";
import { type FoundFile, rangesText, verdictsOf } from "../../../peer/resume/file_verdicts.ts";

const PIECE = 16384;

/** Files end to end, with what is on disk of each: all of it unless `found` says otherwise. */
function filesOf(lengths: readonly number[], found: readonly Partial<FoundFile>[] = []) {
  let offset = 0;
  const files = lengths.map((length, index): FoundFile => {
    const file = {
      offset,
      length,
      isVirtual: false,
      size: length,
      isReadable: true,
      isFinal: true,
      ...found[index],
    };
    offset += length;
    return file;
  });
  return { files, layout: new Layout(offset, PIECE) };
}

function allBut(length: number, bad: Iterable<number>): Bitfield {
  const good = Bitfield.full(length);
  for (const piece of bad) good.delete(piece);
  return good;
}

Deno.test("a damaged byte is told of the files that can have it, and of no other", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 * PIECE }), { minLength: 1, maxLength: 8 })
        .filter((lengths) => lengths.some((length) => length > 0)),
      fc.nat(),
      (lengths, at) => {
        const { files, layout } = filesOf(lengths);
        const byte = at % layout.totalSize;
        const piece = Math.floor(byte / PIECE);
        const verdicts = verdictsOf(layout, files, allBut(layout.pieceCount, [piece]));
        const touched = files.map(({ offset, length }) =>
          length > 0 && offset < (piece + 1) * PIECE && offset + length > piece * PIECE
        );
        const alone = touched.filter(Boolean).length === 1;
        for (const [index, { verdict, badPieces, unknownPieces }] of verdicts.entries()) {
          assertEquals(verdict, !touched[index] ? "good" : alone ? "bad" : "unknown");
          assertEquals([...badPieces, ...unknownPieces], touched[index] ? [piece] : []);
        }
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("a missing file is bad, and a neighbour that is there is never called so", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 2 * PIECE }), { minLength: 2, maxLength: 8 }),
      fc.nat(),
      (lengths, which) => {
        const gone = which % lengths.length;
        const { files, layout } = filesOf(
          lengths,
          lengths.map((_, index) => index === gone ? { size: undefined } : {}),
        );
        const { first, last } = layout.piecesOf(files[gone]!.offset, files[gone]!.length)!;
        const bad = Array.from({ length: last - first + 1 }, (_, index) => first + index);
        const verdicts = verdictsOf(layout, files, allBut(layout.pieceCount, bad));
        assertEquals([verdicts[gone]!.verdict, verdicts[gone]!.badPieces], ["bad", bad]);
        for (const [index, { verdict, sharedWith, unknownPieces }] of verdicts.entries()) {
          if (index === gone) continue;
          assert(verdict !== "bad");
          assertEquals(verdict === "unknown", unknownPieces.length > 0);
          if (verdict === "unknown") assert(sharedWith.includes(gone));
        }
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("too long, unfinished, unreadable, padding: each is what it is", () => {
  const { files, layout } = filesOf([PIECE, PIECE, PIECE, PIECE], [
    { size: PIECE + 1 },
    { isFinal: false },
    { isReadable: false },
    { isVirtual: true, size: undefined },
  ]);
  const verdicts = verdictsOf(layout, files, allBut(4, [2]));
  assertEquals(verdicts.map(({ verdict }) => verdict), ["bad", "bad", "unknown", "good"]);
});

Deno.test("piece numbers take few words", () => {
  assertEquals(rangesText([3]), "3");
  assertEquals(rangesText([0, 1, 2, 5, 7, 8]), "0-2, 5, 7-8");
  assertEquals(rangesText([0, 2, 4, 5, 6], 2), "0, 2 and 3 more");
});
