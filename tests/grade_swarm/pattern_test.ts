import fc from "fast-check";
import { compilePattern, Pattern, PatternError } from "../../lab/grade/swarm/pattern.ts";
import { MAX_PROGRAM } from "../../lab/grade/swarm/pattern_program.ts";
import { MATCHED_AT_MOST } from "../../lab/grade/swarm/script.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

/** What a pattern matches, by this matcher and by JavaScript's own. */
function both(source: string, text: string) {
  const own = new Pattern(source).exec(text);
  const other = new RegExp(source).exec(text);
  return {
    own: own === null ? null : [own.index, text.slice(own.index, own.end), { ...own.groups }],
    other: other === null ? null : [
      other.index,
      other[0],
      Object.fromEntries(
        Object.entries(other.groups ?? {}).filter(([, value]) => value !== undefined),
      ),
    ],
  };
}

const CHARACTERS = fc.constantFrom(
  ...["a", "b", "1", ".", "\\d", "\\w", "\\W", "\\s", "\\S", "\\.", "\\x61", "\\u0062", "\\n", "-"],
  ...[
    "[ab]",
    "[^a]",
    "[a-b1]",
    "[\\w-]",
    "[^\\d\\s]",
    "[\\]b]",
    "[-a]",
    "\\{",
    "]",
    "}",
    "\\-",
    "\\/",
  ],
);
const EDGES = fc.constantFrom("^", "$", "\\b", "\\B");
const MORE = fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{1,3}?");

/** Patterns; with `mayBeEmpty` also what matches nothing is repeated. */
function patterns(mayBeEmpty: boolean): fc.Arbitrary<string> {
  return fc.letrec<{ choice: string; sequence: string; part: string }>((tie) => ({
    choice: fc.array(tie("sequence"), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join("|")),
    sequence: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
    part: fc.oneof(
      { maxDepth: 4, depthIdentifier: "parts" },
      CHARACTERS,
      EDGES,
      fc.tuple(CHARACTERS, MORE).map(([one, more]) => one + more),
      tie("choice").map((of) => `(${of})`),
      fc.tuple(tie("choice"), MORE).map(([of, more]) =>
        mayBeEmpty ? `(?:${of})${more}` : `(?:a(?:${of}))${more}`
      ),
    ),
  })).choice;
}

const TEXTS = fc.array(
  fc.constantFrom("a", "b", "1", " ", "\n", "-", ".", "{", "]", "é", "\u2028"),
  { maxLength: 12 },
).map((parts) => parts.join(""));

Deno.test("property: a pattern matches where and what JavaScript's regular expressions match", () => {
  fc.assert(
    fc.property(patterns(false), TEXTS, (source, text) => {
      const { own, other } = both(source, text);
      assertEquals(own, other);
    }),
    { numRuns: 500 },
  );
});

Deno.test("property: it matches somewhere where theirs do, also where nothing is repeated", () => {
  fc.assert(
    fc.property(patterns(true), TEXTS, (source, text) => {
      assertEquals(new Pattern(source).test(text), new RegExp(source).test(text));
    }),
    { numRuns: 500 },
  );
});

Deno.test("named groups are what they matched last, in the same round", () => {
  for (
    const [source, text] of [
      ["id (?<id>\\w+)", "the id x7, id y8"],
      ["(?<a>a)|(?<b>b)", "b"],
      ["(?:(?<a>a)|b)*", "ab"],
      ["(?:(?<a>a+)(?<b>b*))+;", "aabaabb;"],
      ["^(?<first>.*?) (?<rest>.*)$", "one two three"],
      ["POST .+ (?<id>[0-9a-f]{64}) (?<chunks>\\d+) ", `POST x ${"0f".repeat(32)} 12 `],
    ] as const
  ) {
    const { own, other } = both(source, text);
    assertEquals(own, other, source);
  }
});

Deno.test("a brace that repeats nothing is a brace", () => {
  for (const source of ["a{,2}", "{", "a{b}", "x{", "a{1", "[{]}"]) {
    const { own, other } = both(source, "a{,2} a{b} x{ a{1 {}");
    assertEquals(own, other, source);
  }
});

Deno.test("patterns that take others for ever are done in a step for each character", () => {
  const text = "a".repeat(MATCHED_AT_MOST - 1) + "!";
  // Tried one after the other, the ways through these are more than anybody can wait for.
  for (const source of ["(a+)+$", "(a|a)*b", "(a*)*b", "^(\\w+\\s?)*$", "(.*)(.*)(.*)(.*)(.*)x"]) {
    assertEquals(new Pattern(source).exec(text), null, source);
  }
});

Deno.test("what cannot be bounded is refused in words", () => {
  for (
    const [source, says] of [
      ["a(?=b)", "has (?=…): looking ahead or behind takes time without bound"],
      ["(?<!a)b", "has (?<!…): looking ahead"],
      ["(a)\\1", "has \\1: what refers to a group"],
      ["(?<n>a)\\k<n>", "has \\k: what refers to a group"],
      ["(?:a{1000}){1000}", "is too long, its repetitions written out"],
      [`a{${MAX_PROGRAM + 1},}`, "is too long"],
      ["(((((((((((a+)+)+)+)+)+)+)+)+)+)+)+", "is too long"],
    ] as const
  ) assertThrows(() => new Pattern(source), PatternError, says);
  assertThrows(() => new Pattern("("), SyntaxError);
  // Nothing, a billion times, is nothing.
  assert(new Pattern("(?:(?:){1000000000}){1000000000}").test(""));
});

Deno.test("property: a placeholder's value stands for itself in a pattern", () => {
  fc.assert(fc.property(fc.string({ maxLength: 40 }), (value) => {
    const match = compilePattern("<{file}>", () => value).exec(`..<${value}>..`);
    assertEquals(match, { index: 2, end: 4 + value.length, groups: {} });
  }));
});
