import fc from "fast-check";
import { safeComponent, safePaths } from "../../protocol/file_name.ts";
import { assert, assertEquals } from "../support/assert.ts";

const VECTORS: [given: string, safe: string][] = [
  ["lecture.pdf", "lecture.pdf"],
  ["Übung 1 – Lösung.pdf", "Übung 1 – Lösung.pdf"],
  ["日本語.txt", "日本語.txt"],
  ["e\u0301.txt", "e\u0301.txt"],
  ["😀.png", "😀.png"],
  [".hidden", ".hidden"],
  ["", "_"],
  [".", "_"],
  ["..", "_"],
  ["...", "_"],
  [" ", "_"],
  ["/", "_"],
  ["/x", "_x"],
  ["a/b", "a_b"],
  ["a\\..\\b", "a_.._b"],
  ["..\\..\\x", ".._.._x"],
  ["C:\\x", "C__x"],
  ['a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"],
  ["a\0b", "a_b"],
  ["\x1b]0;x\x07", "_]0;x_"],
  ["a\x7f\x9bb", "a__b"],
  ["a\nb\tc\u2028d", "a_b_c_d"],
  ["\u202efdp.exe", "fdp.exe"],
  ["\ufeffa\u200bb", "ab"],
  ["\u202e", "_"],
  ["trailing.", "trailing"],
  ["trailing. . .", "trailing"],
  ["trailing ", "trailing"],
  [" leading", " leading"],
  ["a.b.", "a.b"],
  ["CON", "CON_"],
  ["con", "con_"],
  ["Con.txt", "Con_.txt"],
  ["con.tar.gz", "con_.tar.gz"],
  ["CON .txt", "CON_.txt"],
  ["CON.", "CON_"],
  ["nul", "nul_"],
  ["prn", "prn_"],
  ["aux.c", "aux_.c"],
  ["COM1", "COM1_"],
  ["lpt9.log", "lpt9_.log"],
  ["COM²", "COM²_"],
  ["CONIN$", "CONIN$_"],
  ["CONSOLE", "CONSOLE"],
  ["COM10", "COM10"],
  ["a.con", "a.con"],
  [".vtorrent", ".vtorrent_"],
  [".VTorrent", ".VTorrent_"],
  [".vtorrent.txt", ".vtorrent.txt"],
  ["a\ud800b", "a\ufffdb"],
];

for (const [given, safe] of VECTORS) {
  Deno.test(`safeComponent(${JSON.stringify(given)}) is ${JSON.stringify(safe)}`, () => {
    assertEquals(safeComponent(given), safe);
  });
}

const bytes = (name: string): number => new TextEncoder().encode(name).length;

Deno.test("safeComponent() cuts long names to 240 bytes and keeps the extension", () => {
  assertEquals(safeComponent("a".repeat(300) + ".pdf"), "a".repeat(236) + ".pdf");
  assertEquals(safeComponent("a".repeat(300)), "a".repeat(240));
  assertEquals(safeComponent("a".repeat(240)), "a".repeat(240));
  const euros = safeComponent("€".repeat(100) + ".txt");
  assertEquals(euros, "€".repeat(78) + ".txt");
  assert(bytes(euros) <= 240);
  assertEquals(safeComponent("😀".repeat(100)), "😀".repeat(60));
  assertEquals(safeComponent("a." + "b".repeat(300)), "a." + "b".repeat(238));
  assertEquals(safeComponent("a".repeat(239) + "." + "b".repeat(60)), "a".repeat(239));
});

const nasty = fc.string({
  unit: fc.constantFrom(..."ab.. /\\:*?\0\x1b\x9b\u202e\u200béÉ€😀conCON_$ⅣſßI".split("")),
  maxLength: 300,
});

function assertSafe(name: string): void {
  assert(name !== "" && name !== "." && name !== "..", name);
  assert(!/[/\\:*?"<>|\p{Cc}]/u.test(name), name);
  assert(!/[. ]$/.test(name), name);
  assert(bytes(name) <= 240, name);
  assert(!/^(con|nul|aux|prn)(\.|$)/i.test(name), name);
}

Deno.test("safeComponent() always gives a safe name, and the same for its own result", () => {
  fc.assert(
    fc.property(nasty, (name) => {
      const safe = safeComponent(name);
      assertSafe(safe);
      assertEquals(safeComponent(safe), safe);
    }),
    { seed: 15, numRuns: 3000 },
  );
});

Deno.test("safePaths() joins, drops empty components and keeps the order", () => {
  assertEquals(
    safePaths([["t", "", "b", ".", "x"], ["t", "a", "y"], [], ["", "."], ["a", ""]]),
    ["t/b/x", "t/a/y", "_", "_.1", "a"],
  );
});

Deno.test("safePaths() numbers collisions before the extension", () => {
  assertEquals(
    safePaths([["a.txt"], ["A.TXT"], ["a.txt"], ["b"], ["B"]]),
    ["a.txt", "A.1.TXT", "a.2.txt", "b", "B.1"],
  );
  assertEquals(
    safePaths([["a.1.txt"], ["a.txt"], ["A.txt"]]),
    ["a.1.txt", "a.txt", "A.2.txt"],
  );
  assertEquals(safePaths([["é"], ["e\u0301"], ["É"]]), ["é", "e\u0301.1", "É.2"]);
  assertEquals(safePaths([["a:b"], ["a?b"]]), ["a_b", "a_b.1"]);
  assertEquals(safePaths([["trailing"], ["trailing."]]), ["trailing", "trailing.1"]);
  assertEquals(safePaths([["CON"], ["con_"]]), ["CON_", "con_.1"]);
});

Deno.test("safePaths() makes one folder of those that differ in case only", () => {
  assertEquals(
    safePaths([["Dir", "a"], ["dir", "b"], ["DIR", "A"]]),
    ["Dir/a", "Dir/b", "Dir/A.1"],
  );
});

Deno.test("safePaths() moves a file that has the name of a folder, wherever it stands", () => {
  assertEquals(safePaths([["t", "x"], ["t", "X", "y"]]), ["t/x.1", "t/X/y"]);
  assertEquals(safePaths([["t", "X", "y"], ["t", "x"]]), ["t/X/y", "t/x.1"]);
});

Deno.test("safePaths() keeps long colliding names within limits and apart", () => {
  const long = "a".repeat(300) + ".pdf";
  const safe = safePaths([[long], [long], [long]]);
  assertEquals(new Set(safe).size, 3);
  for (const path of safe) {
    assert(bytes(path) <= 240);
    assert(path.endsWith(".pdf"));
  }
});

Deno.test("safePaths() bounds the depth of folders", () => {
  const [path] = safePaths([[...Array.from({ length: 100_000 }, () => "folder"), "file"]]);
  assert(path!.length < 1300, `${path!.length}`);
  assert(path!.endsWith("/file"));
});

Deno.test("safePaths() copes with a hundred thousand files of one name", () => {
  const safe = safePaths(Array.from({ length: 100_000 }, () => ["t", "same"]));
  assertEquals(new Set(safe).size, 100_000);
});

Deno.test("safePaths() are distinct without regard to case, safe, and no file is a folder", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(nasty.map((name) => name.slice(0, 4)), { maxLength: 3 }), {
        maxLength: 30,
      }),
      (paths) => {
        const safe = safePaths(paths);
        assertEquals(safe.length, paths.length);
        const folded = safe.map((path) => path.normalize("NFC").toUpperCase().toLowerCase());
        assertEquals(new Set(folded).size, paths.length);
        for (const [index, path] of safe.entries()) {
          path.split("/").forEach(assertSafe);
          for (const other of folded) assert(!other.startsWith(folded[index]! + "/"));
        }
      },
    ),
    { seed: 16, numRuns: 1000 },
  );
});

Deno.test("safePaths() copes with names that become one only where they are cut", () => {
  const paths = Array.from({ length: 20_000 }, (_, i) => ["t", `${"x".repeat(240)}${i}.pdf`]);
  assertEquals(new Set(safePaths(paths)).size, 20_000);
});

Deno.test("safePaths() keeps a folder once, however many paths lead through it", () => {
  const deep = Array.from({ length: 2000 }, (_, i) => [...`${i}`, ..."x".repeat(500)]);
  const safe = safePaths(deep);
  assertEquals(new Set(safe).size, 2000);
  for (const path of safe) assert(path.split("/").length <= 101);
});
