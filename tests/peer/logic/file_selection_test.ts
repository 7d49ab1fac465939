import fc from "fast-check";
import { fitsGlob } from "../../../peer/logic/named_files.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/layout.ts";
import {
  changedPriorities,
  FileSelection,
  magnetSelection,
  parseSelection,
  prioritiesOf,
  SelectionError,
} from "../../../peer/logic/file_selection.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

/** Files in a row; a path that begins with `.pad/` is padding. */
function filesOf(sizes: Record<string, number>) {
  let offset = 0;
  return Object.entries(sizes).map(([path, length]) => {
    const pad = path.startsWith(".pad/");
    return { path, length, offset: (offset += length) - length, pad, symlink: false };
  });
}

const FILES = filesOf({
  "Course/01 Intro.pdf": 100,
  ".pad/28": 28,
  "Course/02 TCP.pdf": 128,
  "Course/video/a.mp4": 500,
  "Course/video/b,c.mp4": 12,
});

Deno.test("files are meant by number, range, name, folder and pattern", () => {
  const cases: [string, number[]][] = [
    ["1", [0]],
    ["2", [2]],
    ["1,3-4", [0, 3, 4]],
    ["2-", [2, 3, 4]],
    ["*.pdf", [0, 2]],
    ["*.MP4", [3, 4]],
    ["video", [3, 4]],
    ["Course/video/a.mp4", [3]],
    ["01 intro.pdf, 3", [0, 3]],
    ["**/a.*", [3]],
    ["Course/*", [0, 2]],
    ["0?*", [0, 2]],
    ["all", [0, 2, 3, 4]],
    ["none", []],
  ];
  for (const [text, indexes] of cases) assertEquals(parseSelection(text, FILES), indexes, text);
});

Deno.test("what means no file is refused with the numbers that there are", () => {
  for (const text of ["0", "5", "3-2", "4-9", "99999999", "*.doc", "intro", "", " , "]) {
    assertThrows(() => parseSelection(text, FILES), SelectionError);
  }
  assertThrows(() => parseSelection("9", FILES), SelectionError, "numbered from 1 to 4");
});

Deno.test("a magnet link's so counts from 0 and over padding", () => {
  assertEquals(magnetSelection("0,2-3", 5), [0, 2, 3]);
  assertEquals(magnetSelection("3-4000000000", 5), [3, 4]);
});

Deno.test("a piece is wanted as much as the most wanted of its files", () => {
  const layout = new Layout(768, 64);
  const some = changedPriorities(FILES, [], "2");
  assertEquals(some, ["skip", "skip", "normal", "skip", "skip"]);
  const high = changedPriorities(FILES, some, "3", "high");
  const selection = FileSelection.of(layout, FILES, high);
  assertEquals([...selection.pieces!], [0, 0, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3]);
  assertEquals(selection.wanted!.count, 10);
  assertEquals(prioritiesOf(selection.letters), high);
  const have = new Bitfield(12);
  for (let piece = 2; piece < 12; piece++) have.add(piece);
  assert(selection.isComplete(have));
  have.delete(11);
  assert(!selection.isComplete(have));
  assertEquals(selection.left(have, layout), 64);
});

Deno.test("where all are alike there is nothing to weigh", () => {
  const selection = FileSelection.of(new Layout(768, 64), FILES);
  assertEquals([selection.pieces, selection.wanted, selection.letters], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("globs mean what a backtracking expression would say", () => {
  const text = (letters: string) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 9 }).map((all) => all.join(""));
  fc.assert(
    fc.property(text("ab/*?"), text("ab/"), (pattern, name) => {
      const source = pattern.replace(
        /\*\*|\*|\?/g,
        (wild) => wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]",
      );
      assertEquals(fitsGlob(pattern, name), new RegExp(`^${source}$`).test(name));
    }),
    { seed: 20, numRuns: 20_000 },
  );
});

Deno.test("a glob of many stars ends", () => {
  const name = "a".repeat(2000);
  assertEquals(fitsGlob("*a".repeat(100) + "*b", name), false);
  assertEquals(fitsGlob("**a*".repeat(100) + "b", name), false);
});
