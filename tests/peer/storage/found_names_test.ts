import fc from "fast-check";
import { chooseFoundNames } from "../../../peer/storage/found_names.ts";
import { assert, assertEquals } from "../../support/assert.ts";

function choose(own: string[], others: (string | undefined)[][], disk: string[], taken?: string[]) {
  const isThere = (_: number, path: string) => disk.includes(path);
  return chooseFoundNames(own, others, isThere, new Set(taken));
}

Deno.test("a file that is nowhere gets its own name, one that is there keeps the one it has", () => {
  assertEquals(choose(["a?", "b?"], [["a_", "b_"]], ["b_"]), ["a?", "b_"]);
  assertEquals(choose(["a?", "b?"], [["a_", "b_"]], ["a?", "a_", "b?"]), ["a?", "b?"]);
});

Deno.test("if a name fits two files, the reading that explains most files wins", () => {
  const own = ["a:b", "a_b", "c?"];
  const safe = ["a_b", "a_b.1", "c_"];
  assertEquals(choose(own, [safe], ["a_b", "a_b.1", "c_"]), safe);
  assertEquals(choose(own, [safe], ["a:b", "a_b", "c?"]), own);
  assertEquals(choose(own, [safe], ["a_b"]), ["a:b", "a_b", "c?"]);
});

Deno.test("a name of another file is not given twice", () => {
  assertEquals(choose(["dup.1"], [["dup"]], ["dup"], ["dup"]), ["dup.1"]);
  assertEquals(choose(["a:b", "a_b"], [["a_b", "a_b.1"], ["a_b", "x"]], ["a_b", "x"]), [
    "a_b",
    "x",
  ]);
});

Deno.test("whatever is on disk, no two files have one name", () => {
  const name: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "a (1)", "b (1)", "d");
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
      fc.array(fc.array(fc.option(name, { nil: undefined }), { minLength: 5, maxLength: 5 })),
      fc.array(name),
      (own, others, disk) => {
        const chosen = choose(own, others.map((paths) => paths.slice(0, own.length)), disk);
        assertEquals(new Set(chosen).size, own.length);
        assert(
          chosen.every((path, i) =>
            disk.includes(path) || path === own[i] || / \(\d+\)$/.test(path)
          ),
        );
      },
    ),
    { seed: 14, numRuns: 2000 },
  );
});
