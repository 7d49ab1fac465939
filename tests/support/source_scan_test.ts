import { assert, assertEquals } from "./assert.ts";
import { importsOf, scanSource, valueImportsOf } from "./source_scan.ts";

Deno.test("scanSource() leaves only code", () => {
  const { code } = scanSource([
    "// Deno 1",
    "/* Deno 2\n Deno 3 */ a",
    'const s = "Deno 4 \\" Deno 5" + \'Deno 6 \\\\\' + `Deno 7 ${kept + `Deno 8 ${too}`} Deno 9`;',
    "const p = /Deno \\/ [/\"'] 10/g.test(x) ? 1 / kept2 / 2 : /`/;",
    "last",
  ].join("\n"));
  assert(!code.includes("Deno"), code);
  for (const word of ["a", "kept", "too", "kept2", "last"]) {
    assert(new RegExp(`\\b${word}\\b`).test(code), `${word} in ${code}`);
  }
  assertEquals(code.split("\n").length, 6);
});

Deno.test("importsOf() finds every way to import and no other text", () => {
  const source = [
    'import { a } from "./a.ts";',
    'import type {\n  B,\n} from "./b.ts";',
    'export * from "./c.ts";',
    'import "./d.ts";',
    'const e = await import("./e.ts");',
    '// import "./no.ts"',
    "const text = 'import x from \"./no.ts\"';",
  ].join("\n");
  assertEquals(importsOf(scanSource(source)), [
    "./a.ts",
    "./b.ts",
    "./c.ts",
    "./d.ts",
    "./e.ts",
  ]);
});

Deno.test("valueImportsOf() leaves out imports of types alone", () => {
  const source = [
    'import { a, type A } from "./a.ts";',
    'import type {\n  B,\n} from "./b.ts";',
    'import { type C, type D } from "./c.ts";',
    'export * from "./d.ts";',
    'import "./e.ts";',
    'const f = await import("./f.ts");',
    'export { g } from "./g.ts";',
    'export type { H } from "./h.ts";',
    'import {\n  i,\n} from "./i.ts";',
  ].join("\n");
  assertEquals(valueImportsOf(scanSource(source)), [
    "./a.ts",
    "./d.ts",
    "./e.ts",
    "./f.ts",
    "./g.ts",
    "./i.ts",
  ]);
});
