import type { Remedy } from "../../../peer/mod.ts";
import {
  COMMAND_REMEDIES,
  type RemedyWords,
  RUNNING_PEER_REMEDIES,
  SHELL_REMEDIES,
  withRemedy,
} from "../../../shell/base/remedies.ts";
import { PAGE_REMEDIES } from "../../../shell/dashboard/page/remedy_words.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const CHANGED = "/s/a was changed: it has 21 bytes instead of 20. Nothing is written to it";

/** Every remedy, and those of many files. */
const ALL: readonly Remedy[] = [
  { kind: "away" },
  ...(["missing", "changed", "longer"] as const).flatMap((kind) => [
    { kind, files: 1 },
    { kind, files: 2 },
  ]),
  { kind: "lost", pieces: 2 },
  { kind: "in-use" },
  { kind: "again" },
];

const each = (words: RemedyWords) => ALL.map((remedy) => withRemedy("It stopped", remedy, words));

Deno.test("a shell names its verbs", () => {
  assertEquals(
    withRemedy(CHANGED, { kind: "changed", files: 1 }, SHELL_REMEDIES),
    `${CHANGED}: resume fetches the old version beside it, resume --over writes over it; send ` +
      "shares the new one; or move it away",
  );
  assertEquals(
    withRemedy("/s/c is missing", { kind: "missing", files: 1 }, SHELL_REMEDIES),
    "/s/c is missing: put it back and type resume, or let resume fetch it again",
  );
  assertEquals(
    withRemedy("internal error: x; please report it", { kind: "again" }, SHELL_REMEDIES),
    "internal error: x; please report it; resume tries again",
  );
});

Deno.test("a program without a shell names its own commands and flags", () => {
  assertEquals(
    withRemedy(CHANGED, { kind: "changed", files: 1 }, COMMAND_REMEDIES),
    `${CHANGED}: vtorrent download fetches the old version beside it, vtorrent download --over ` +
      "writes over it; --dir names another folder; vtorrent seed shares the new one by its name; " +
      "or move it away",
  );
  // Of one that has all its bytes nothing would be fetched.
  assertEquals(
    withRemedy(CHANGED, { kind: "longer", files: 1 }, COMMAND_REMEDIES),
    `${CHANGED}: vtorrent download --over writes over it; --dir names another folder; vtorrent ` +
      "seed shares the new one by its name; or move it away",
  );
  for (const said of each(COMMAND_REMEDIES)) assert(!/\bresume\b|\bsend\b/.test(said), said);
});

Deno.test("a page names its buttons, and nothing to type", () => {
  for (const said of each(PAGE_REMEDIES)) {
    assert(!/\btype\b|\bresume\b|\bsend\b|--|vtorrent/.test(said), said);
    assert(/Resume/.test(said), said);
  }
});

Deno.test("a program that asks a peer that runs names commands that it has", () => {
  for (const said of each(RUNNING_PEER_REMEDIES)) {
    assert(/vtorrent resume\b/.test(said) && !/--|\bsend\b/.test(said), said);
  }
});

Deno.test("what has no remedy is said as it is, and files are it or them", () => {
  assertEquals(withRemedy("The disk is full", null, PAGE_REMEDIES), "The disk is full");
  const of = (files: number) => withRemedy("Gone", { kind: "missing", files }, PAGE_REMEDIES);
  assertEquals(
    [of(1), of(2)],
    [
      "Gone: press Resume once it is back, or to have it fetched again",
      "Gone: press Resume once they are back, or to have them fetched again",
    ],
  );
});
