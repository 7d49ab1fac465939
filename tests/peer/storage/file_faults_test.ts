import { originsOf } from "../../../peer/resume/resume_plan.ts";
import type { Consent } from "../../../peer/options.ts";
import fc from "fast-check";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/piece_layout.ts";
import {
  type CheckedFile,
  type Fault,
  type FilePlan,
  type FileState,
  type Origin,
  originLetters,
  planOf,
  problemOf,
  stateSteps,
} from "../../../peer/storage/file_faults.ts";
import { atOnce } from "../../../protocol/steps.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";

// Pieces of 10 bytes; a: 0–24 (pieces 0, 1, 2), b: 25–44 (2, 3, 4), padding to 50, c: 50–59 (5).
const LAYOUT = new Layout(60, 10);

const WHOLE = { at: "final", isWanted: true, origin: "made", isVirtual: false } as const;

function files(...changes: Partial<CheckedFile>[]): CheckedFile[] {
  const [a, b, c] = changes;
  return [
    { ...WHOLE, offset: 0, length: 25, size: 25, ...a },
    { ...WHOLE, offset: 25, length: 20, size: 20, ...b },
    { ...WHOLE, offset: 45, length: 5, size: 0, isVirtual: true },
    { ...WHOLE, offset: 50, length: 10, size: 10, ...c },
  ];
}

function without(...pieces: number[]): Bitfield {
  const have = Bitfield.full(6);
  for (const piece of pieces) have.delete(piece);
  return have;
}

/** The states of a, b and c. */
function states(bad: number[], ...changes: Partial<CheckedFile>[]): FileState[] {
  const [a, b, , c] = atOnce(stateSteps(LAYOUT, files(...changes), without(...bad)));
  return [a!, b!, c!];
}

const GONE = { at: "nowhere", size: 0 } as const;
const FRESH = { at: "nowhere", size: 0, origin: "none" } as const;

Deno.test("each file is whole, missing, changed, or cannot be told because of another", () => {
  assertEquals(states([]), ["whole", "whole", "whole"]);
  assertEquals(states([1]), ["changed", "whole", "whole"]);
  assertEquals(states([5]), ["whole", "whole", "changed"]);
  // A piece that both have a part of: either may differ, unless one is known to.
  assertEquals(states([2]), ["changed", "changed", "whole"]);
  assertEquals(states([1, 2]), ["changed", "unclear", "whole"]);
  assertEquals(states([0, 1, 2], GONE), ["missing", "unclear", "whole"]);
  assertEquals(states([0, 1, 2], { at: "unfinished", origin: "none" }), [
    "unfinished",
    "unclear",
    "whole",
  ]);
  assertEquals(states([0, 1, 2, 3], GONE), ["missing", "changed", "whole"]);
  // All pieces are right, and it is too long all the same.
  assertEquals(states([], {}, {}, { size: 11 }), ["whole", "whole", "changed"]);
  assertEquals(states([2], {}, { differs: true }), ["unclear", "changed", "whole"]);
});

Deno.test("a file that was never whole, or is not wanted, is not missing", () => {
  assertEquals(states([5], {}, {}, FRESH)[2], "unfinished");
  assertEquals(states([5], {}, {}, { ...GONE, isWanted: false })[2], "unfinished");
  assertEquals(states([5], {}, {}, GONE)[2], "missing");
});

/** What is planned for each state: without a word, with "beside", with "over", with "lacking". */
const PLANS: [string, FileState, Origin, boolean, FilePlan, FilePlan, FilePlan, FilePlan][] = [
  ["whole", "whole", "own", true, "keep", "keep", "keep", "keep"],
  ["ours, unfinished", "unfinished", "none", true, "fetch", "fetch", "fetch", "fetch"],
  ["downloaded, gone", "missing", "made", false, "wait", "fetch", "fetch", "fetch"],
  ["shared, gone", "missing", "own", false, "wait", "fetch", "fetch", "fetch"],
  ["downloaded, edited", "changed", "made", true, "wait", "beside", "over", "beside"],
  ["downloaded, replaced", "changed", "made", false, "wait", "beside", "over", "beside"],
  ["shared, edited", "changed", "own", true, "wait", "beside", "over", "beside"],
  ["there before, like it in part", "changed", "none", true, "wait", "beside", "over", "beside"],
  ["a stranger of the same name", "changed", "none", false, "beside", "beside", "over", "beside"],
  ["right as far as can be told", "unclear", "made", true, "keep", "keep", "over", "keep"],
  ["nothing can be told of it", "unclear", "none", false, "beside", "beside", "over", "beside"],
  ["shared, nothing can be told", "unclear", "own", false, "keep", "keep", "over", "keep"],
];

for (const [what, state, origin, isSomeGood, ...plans] of PLANS) {
  Deno.test(`a file that is ${what}: ${plans.join(", ")}`, () => {
    const consents = [undefined, "beside", "over", "lacking"] as const;
    const facts = { isSomeGood, isAllGood: false, isOwn: false };
    assertEquals(
      consents.map((consent) => planOf(state, { origin }, { ...facts, consent })),
      plans,
    );
  });
}

Deno.test("data given as the user's own is never treated as foreign", () => {
  const facts = { isSomeGood: false, isAllGood: false, isOwn: true, consent: undefined };
  assertEquals(planOf("changed", { origin: "none" }, facts), "wait");
});

Deno.test("a file that has all of the torrent's and more behind it waits where only what lacks is wanted", () => {
  const facts = { isSomeGood: true, isAllGood: true, isOwn: false };
  const consents = [undefined, "lacking", "beside", "over"] as const;
  assertEquals(
    consents.map((consent) => planOf("changed", { origin: "none" }, { ...facts, consent })),
    ["wait", "wait", "beside", "over"],
  );
});

Deno.test("nothing under its final name is written to without a word; nothing whole ever is", () => {
  const file = fc.record({
    at: fc.constantFrom("final", "unfinished", "nowhere"),
    isWanted: fc.boolean(),
    origin: fc.constantFrom<Origin>("own", "made", "none"),
    grown: fc.nat(1),
    differs: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.tuple(file, file, file),
      fc.uniqueArray(fc.nat(5)),
      fc.constantFrom<Consent | undefined>(undefined, "beside", "over", "lacking"),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      ([a, b, c], bad, consent, isSomeGood, isAllGood, isOwn) => {
        const sizes = [25, 20, 10];
        const changed = [a, b, c].map((one, index) => ({
          ...one,
          size: one.at === "final" ? sizes[index]! + one.grown : 0,
        })) as Partial<CheckedFile>[];
        const all = files(...changed);
        const found = atOnce(stateSteps(LAYOUT, all, without(...bad)));
        for (const [index, state] of found.entries()) {
          const plan = planOf(state, all[index]!, {
            isSomeGood,
            isAllGood,
            isOwn,
            consent,
          });
          if (plan === "over") assertEquals(consent, "over");
          if (all[index]!.at === "final" && !all[index]!.isVirtual) assert(plan !== "fetch");
          if (state === "whole") assertEquals(plan, "keep");
          if (consent === "beside" || consent === "over") assert(plan !== "wait");
        }
      },
    ),
    { seed: 13, numRuns: 1000 },
  );
});

Deno.test("one line names the files that differ, and the remedy counts them", () => {
  const changed: Fault = { path: "/s/a", state: "changed", size: 25, length: 25, pieces: 1 };
  const longer: Fault = { path: "/s/b", state: "changed", size: 21, length: 20, pieces: 0 };
  const missing: Fault = { path: "/s/c", state: "missing", size: 0, length: 10, pieces: 1 };
  const of = (...faults: Fault[]) => problemOf(faults, "/s", 3);
  assertEquals(of(changed), {
    message: "/s/a was changed: 1 piece in it is not what was shared. Nothing is written to it",
    remedy: { kind: "changed", files: 1 },
  });
  assertEquals(of(longer), {
    message: "/s/b was changed: it has 21 bytes instead of 20. Nothing is written to it",
    remedy: { kind: "longer", files: 1 },
  });
  const both = of(changed, missing);
  assertMatch(both.message, /^\/s\/a was changed: .*; \/s\/c is missing\. Nothing is .* to them$/);
  assertEquals(both.remedy, { kind: "changed", files: 2 });
  assertEquals(of(missing), {
    message: "/s/c is missing",
    remedy: { kind: "missing", files: 1 },
  });
  assertEquals(of(missing, missing, missing), {
    message: "All 3 files are missing in /s",
    remedy: { kind: "away" },
  });
  assertMatch(of(...Array(9).fill(changed)).message, /; 6 more files are missing or changed\. /);
});

Deno.test("the origin of files is remembered; older records are read with care", () => {
  const origins: Origin[] = ["own", "made", "none", "made"];
  const four = files();
  const mark = { size: 1, mtime: 1 };
  const record = { have: without(5).bytes, files: [mark, mark, undefined, mark], downloaded: 0 };
  const read = (more: object) => originsOf({ ...record, ...more }, LAYOUT, four);
  assertEquals(read({ origins: originLetters(origins) }), origins);
  // One of another torrent says nothing.
  assertEquals(read({ origins: "o" }), read({}));
  // It was whole: so it is somebody's, unless all there is was received. The last one was not.
  assertEquals(read({}), ["own", "own", "none", "none"]);
  assertEquals(read({ downloaded: 59 }), ["own", "own", "none", "none"]);
  assertEquals(read({ downloaded: 60 }), ["made", "made", "none", "none"]);
});
