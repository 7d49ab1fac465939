import fc from "fast-check";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/layout.ts";
import {
  besideSteps,
  type FileMark,
  type FoundFile,
  resumeSteps,
  spotSteps,
} from "../../../peer/logic/resume_plan.ts";
import { atOnce } from "../../../protocol/steps.ts";
import { assert, assertEquals } from "../../support/assert.ts";

// Pieces of 10 bytes; a: 0–24 (pieces 0, 1, 2), b: 25–44 (2, 3, 4), padding to 50, c: 50–59 (5).
const LAYOUT = new Layout(60, 10);
const MARK = { size: 25, mtime: 1000 };
const SAVED_AT = 1_000_000;

function found(a: FileMark | undefined, b: FileMark | undefined, c: FileMark | undefined) {
  const file = (offset: number, length: number, mark: FileMark | undefined): FoundFile => {
    return { offset, length, isVirtual: false, found: mark };
  };
  const pad = { offset: 45, length: 5, isVirtual: true, found: undefined };
  return [file(0, 25, a), file(25, 20, b), pad, file(50, 10, c)];
}

const A = { size: 25, mtime: 1000 };
const B = { size: 20, mtime: 1000 };
const C = { size: 10, mtime: 1000 };

function record(
  have: number[],
  options: { clean?: boolean; marks?: (FileMark | undefined)[] } = {},
) {
  const field = new Bitfield(6);
  for (const piece of have) field.add(piece);
  const { clean = true, marks = [A, B, undefined, C] } = options;
  return { have: field.bytes, files: marks, clean, aliveAt: SAVED_AT };
}

function plan(files: FoundFile[], saved: Parameters<typeof resumeSteps>[2]) {
  const { trusted, check } = atOnce(resumeSteps(LAYOUT, files, saved));
  return { trusted: [0, 1, 2, 3, 4, 5].filter((piece) => trusted.has(piece)), check };
}

Deno.test("after a clean stop, untouched files are believed without any hashing", () => {
  assertEquals(plan(found(A, B, C), record([0, 2, 4, 5])), { trusted: [0, 2, 4, 5], check: [] });
});

Deno.test("a file whose size or time changed is hashed whole, with the pieces it shares", () => {
  assertEquals(plan(found(A, { size: 20, mtime: 1001 }, C), record([0, 1, 2, 3, 5])), {
    trusted: [0, 1, 5],
    check: [2, 3, 4],
  });
});

Deno.test("a missing file loses its pieces, a cut one those beyond its end", () => {
  assertEquals(plan(found(A, undefined, C), record([0, 1, 2, 3, 4, 5])), {
    trusted: [0, 1, 5],
    check: [],
  });
  assertEquals(plan(found({ ...MARK, size: 12 }, B, C), record([0, 1, 2, 3, 4, 5])), {
    trusted: [3, 4, 5],
    check: [0],
  });
});

Deno.test("after a kill, recorded pieces are believed and all others that may be there are hashed", () => {
  const younger = { size: 25, mtime: SAVED_AT + 15_000 };
  assertEquals(plan(found(younger, B, C), record([0, 3], { clean: false })), {
    trusted: [0, 3],
    check: [1, 2, 4, 5],
  });
});

Deno.test("after a kill, a file changed long after the last record is hashed whole", () => {
  const foreign = { size: 25, mtime: SAVED_AT + 60_000 };
  assertEquals(plan(found(foreign, B, C), record([0, 3], { clean: false })), {
    trusted: [3],
    check: [0, 1, 2, 4, 5],
  });
});

Deno.test("after a kill, a file that became smaller is hashed whole", () => {
  assertEquals(plan(found({ size: 20, mtime: SAVED_AT }, B, C), record([0], { clean: false })), {
    trusted: [],
    check: [0, 1, 3, 4, 5],
  });
});

Deno.test("files that appeared after a clean stop are hashed", () => {
  const marks = [A, undefined, undefined, undefined];
  assertEquals(plan(found(A, B, undefined), record([0, 1], { marks })), {
    trusted: [0, 1],
    check: [2, 3, 4],
  });
});

Deno.test("without a record, or with one of another length, everything there is hashed", () => {
  const all = { trusted: [], check: [0, 1, 2, 3, 4, 5] };
  assertEquals(plan(found(A, B, C), undefined), all);
  const broken = { have: new Uint8Array(7), files: [], clean: true, aliveAt: SAVED_AT };
  assertEquals(plan(found(A, B, C), broken), all);
  assertEquals(plan(found(A, undefined, undefined), undefined), { trusted: [], check: [0, 1] });
});

Deno.test("no piece is both believed and hashed, and none is believed that was not recorded", () => {
  const mark = fc.option(
    fc.record({ size: fc.constantFrom(0, 5, 10, 20, 25), mtime: fc.constantFrom(1000, 2000, 9e9) }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(
      fc.tuple(mark, mark, mark),
      fc.array(mark, { maxLength: 4 }),
      fc.uniqueArray(fc.nat(5)),
      fc.boolean(),
      ([a, b, c], marks, have, clean) => {
        const { trusted, check } = plan(found(a, b, c), record(have, { marks, clean }));
        assert(trusted.every((piece) => have.includes(piece) && !check.includes(piece)));
        assertEquals(check, check.toSorted((x, y) => x - y));
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});

Deno.test("spot checks take one believed piece per file", () => {
  const trusted = new Bitfield(6);
  for (const piece of [1, 4, 5]) trusted.add(piece);
  const files = found(A, B, C);
  for (const value of [0, 0.3, 0.6, 0.99]) {
    assertEquals(atOnce(spotSteps(LAYOUT, files, trusted, () => value)), [1, 4, 5]);
  }
  assertEquals(atOnce(spotSteps(LAYOUT, files, new Bitfield(6), () => 0)), []);
});

Deno.test("spot checks of large pieces stay few", () => {
  const layout = new Layout(100 * 2 ** 20, 2 ** 22);
  const files = Array.from({ length: 25 }, (_, i) => {
    return { offset: i * 2 ** 22, length: 2 ** 22, isVirtual: false, found: undefined };
  });
  assertEquals(atOnce(spotSteps(layout, files, Bitfield.full(25), () => 0.5)).length, 1);
});

Deno.test("pieces beside a bad one are those of its files", () => {
  assertEquals([...atOnce(besideSteps(LAYOUT, found(A, B, C), [2]))], [0, 1, 2, 3, 4]);
  assertEquals([...atOnce(besideSteps(LAYOUT, found(A, B, C), [5]))], [5]);
});
