import fc from "fast-check";
import type { FileFacts } from "../../../../../shell/dashboard/page/api_types.ts";
import {
  numbersOf,
  openAtFirst,
  rangesOf,
  treeOf,
  type TreeRow,
  treeRows,
} from "../../../../../shell/dashboard/page/peer/file_tree.ts";
import { assert, assertEquals } from "../../../../support/assert.ts";

function filesOf(paths: readonly string[]): FileFacts[] {
  return paths.map((path, at) => ({
    number: at + 1,
    path,
    length: 10,
    have: at % 2 === 0 ? 10 : 0,
    priority: at % 3 === 0 ? "skip" : "normal",
  }));
}

const lines = (rows: readonly TreeRow[]) =>
  rows.map(({ kind, name, depth }) => "  ".repeat(depth) + name + (kind === "folder" ? "/" : ""));

Deno.test("folders come before files, and what is below a closed folder is not shown", () => {
  const files = filesOf(["course/readme", "course/week 1/a", "course/week 1/b", "course/week 2/c"]);
  const root = treeOf(files);
  const all = openAtFirst(root, files.length);
  assertEquals(lines(treeRows(root, files, { open: all, filter: "" })), [
    "course/",
    "  week 1/",
    "    a",
    "    b",
    "  week 2/",
    "    c",
    "  readme",
  ]);
  all.delete("course/week 1");
  const rows = treeRows(root, files, { open: all, filter: "" });
  assertEquals(lines(rows).includes("    a"), false);
  const closed = rows.find(({ name }) => name === "week 1")!;
  assert(closed.kind === "folder");
  assertEquals(closed.sums, { files: 2, length: 20, have: 10, wanted: 2 });
  assertEquals(numbersOf(closed, files), [2, 3]);
});

Deno.test("a filter shows whole paths, whatever is open", () => {
  const files = filesOf(["course/week 1/Notes.pdf", "course/week 1/film", "course/notes.txt"]);
  const found = treeRows(treeOf(files), files, { open: new Set(), filter: "NOTES course" });
  assertEquals(lines(found), ["course/week 1/Notes.pdf", "course/notes.txt"]);
});

Deno.test("of ten thousand files at first only the folders on the way are shown", () => {
  const paths = Array.from({ length: 10_000 }, (_, at) => `all/part ${at % 100}/${at}`);
  const files = filesOf(paths);
  const root = treeOf(files);
  const rows = treeRows(root, files, { open: openAtFirst(root, files.length), filter: "" });
  assertEquals(rows.length, 101);
});

const part = fc.constantFrom("a", "b", "c", "d");
const paths = fc.uniqueArray(
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `x/${parts.join("/")}.`),
  { maxLength: 30 },
);

Deno.test("every file is in the tree once, and folders add up to what is below them", () => {
  fc.assert(fc.property(paths, (paths) => {
    const files = filesOf(paths);
    const root = treeOf(files);
    const open = openAtFirst(root, 0);
    const rows = treeRows(root, files, { open, filter: "" });
    const shown = rows.flatMap((row) => row.kind === "file" ? [row.file.path] : []);
    assertEquals(shown.sort(), paths.toSorted());
    for (const row of rows) {
      if (row.kind !== "folder") continue;
      const below = files.filter(({ path }) => path.startsWith(`${row.node.path}/`));
      assertEquals(row.sums.files, below.length);
      assertEquals(
        numbersOf(row, files).toSorted((a, b) => a - b),
        below.map((one) => one.number!),
      );
    }
    assertEquals(new Set(rows.map(({ key }) => key)).size, rows.length);
  }));
});

Deno.test("ranges name exactly the numbers they are made of", () => {
  assertEquals(rangesOf([7, 1, 2, 3, 2]), "1-3,7");
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 50 })), (numbers) => {
    const read = rangesOf(numbers).split(",").filter((range) => range !== "").flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return Array.from({ length: last! - first! + 1 }, (_, at) => first! + at);
    });
    assertEquals(read, numbers.toSorted((a, b) => a - b));
  }));
});
