/**
 * One mistake at a time in a right program: each fails the part that is about it, on hosts with
 * shaped links, and others stay passed. A few of them run in the gate, all with
 * `VTORRENT_SWARM_MUTANTS=all`.
 *
 * @module
 */
import { networkWords } from "../../lab/grade/swarm/evidence.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { canMakeSwarmHosts, mark, seenOf, templateFor, verdicts } from "./marked.ts";

const ignore = !await canMakeSwarmHosts();
const all = Deno.env.get("VTORRENT_SWARM_MUTANTS") === "all";

interface Mutant {
  readonly bug: string;
  /** What it is about, for people. */
  readonly says: string;
  /** Checks that run. */
  readonly only: readonly string[];
  /** Parts of these that fail. */
  readonly fails: readonly string[];
  readonly seen: RegExp;
  /** Runs in the gate. */
  readonly gate?: boolean;
  /** Further keys of the template. */
  readonly keys?: string;
}

/** The template's word that there are no empty files. */
const REFUSES_EMPTY = '"empty": "there is nothing in it",';

const MUTANTS: readonly Mutant[] = [
  {
    bug: "one-recv",
    says: "what one recv returns is taken for one message",
    only: ["S1"],
    fails: ["S1"],
    seen: /"complete data_/,
    gate: true,
  },
  {
    bug: "bind-127",
    says: "it listens on 127.0.0.1",
    only: ["S1"],
    fails: ["S1"],
    seen: /h3 no file/,
  },
  {
    bug: "one-at-a-time",
    says: "a seed serves one and turns others away",
    only: ["S1", "S4"],
    fails: ["S4", "S4b"],
    seen: /no file/,
  },
  {
    bug: "never-registers",
    says: "who has downloaded does not tell the tracker",
    only: ["S1", "S2", "S3"],
    fails: ["S2b", "S3"],
    seen: /h3 gave 0 %/,
  },
  {
    bug: "list-overwritten",
    says: "the tracker's list holds one file",
    only: ["S1", "S5"],
    fails: ["S5"],
    seen: /h4 no file.* · h4 equal/,
    gate: true,
  },
  {
    bug: "everything-twice",
    says: "every source is asked for everything",
    only: ["S5", "S6", "S14"],
    fails: ["S6", "S14"],
    seen: /taken (1\.9|2\.\d)\d ×/,
  },
  {
    bug: "one-source",
    says: "one source is asked for all",
    only: ["S1", "S6", "S14"],
    fails: ["S6", "S14"],
    seen: / 0 %/,
  },
  {
    bug: "no-retry",
    says: "a connection that breaks is the end",
    only: ["S12", "S13"],
    fails: ["S12"],
    seen: /was killed; h4 no file/,
  },
  {
    bug: "in-flight",
    says: "an answer is awaited for ever",
    only: ["S12", "S13"],
    fails: ["S13"],
    seen: /was frozen; h4 no file/,
  },
  {
    bug: "no-hash",
    says: "nothing is compared with a hash",
    only: ["S1", "S11"],
    fails: ["S11", "S11b"],
    seen: /differ by one bit/,
    gate: true,
  },
  {
    bug: "retry-for-ever",
    says: "a bad chunk is asked for again and again",
    only: ["S11"],
    fails: ["S11", "S11b"],
    seen: /asked for too much/,
  },
  {
    bug: "splits-at-blanks",
    says: "a name is split at its blanks",
    only: ["S1", "S9"],
    fails: ["S9c"],
    seen: /share: awaited .shared two words/,
  },
  {
    bug: "no-empty",
    says: "an empty file is never complete",
    only: ["S9a", "S9b"],
    fails: ["S9a"],
    seen: /h3 no file/,
  },
  {
    bug: "ends-on-empty",
    says: "an empty file is the end of the program",
    only: ["S1", "S9"],
    fails: ["S9a"],
    seen: /share: awaited .shared empty.* the program ended/,
  },
  {
    bug: "stuck-after-empty",
    says: "an empty file is refused in words, and every other one after it",
    keys: REFUSES_EMPTY,
    only: ["S1", "S9"],
    fails: ["S9a"],
    seen: /h2, share: awaited .shared data/,
  },
  {
    bug: "ends-on-empty",
    says: "an empty file is the end of the program, and no words",
    keys: REFUSES_EMPTY,
    only: ["S9a", "S9b"],
    fails: ["S9a"],
    seen: /never shown: .there is nothing in it/,
  },
  {
    bug: "bits-1024",
    says: "there is room for 1,024 chunks",
    only: ["S1", "S9d"],
    fails: ["S9d"],
    seen: /16,777,216 of 20,000,003 bytes/,
  },
  {
    bug: "no-quit",
    says: "it does not end",
    only: ["S8"],
    fails: ["S8b"],
    seen: /it still runs/,
  },
  {
    bug: "short",
    says: "it says that it is complete, with bytes missing",
    only: ["S1"],
    fails: ["S1"],
    seen: /1,998,848 of 2,000,003 bytes.*"complete/,
    gate: true,
  },
  {
    bug: "wrong-port",
    says: "it tells the tracker another port than its own",
    only: ["S1"],
    fails: ["S1"],
    seen: /h3 no file/,
  },
  {
    bug: "tracker-dies-on-second",
    says: "the tracker dies when a second host asks",
    only: ["S1", "S2"],
    fails: ["S2", "S2b"],
    seen: /h4 no file/,
  },
];

for (const { bug, says, only, fails, seen, gate, keys } of MUTANTS) {
  Deno.test({
    name: `hosts: ${says}: ${fails.join(", ")} failed, the rest of ${only.join(", ")} passed`,
    ignore: ignore || !(all || gate),
    fn: async () => {
      const result = await mark(templateFor(bug, keys), { only });
      const expected = Object.fromEntries(
        Object.keys(verdicts(result)).map((
          part,
        ) => [part, fails.includes(part) ? "failed" : "passed"]),
      );
      assertEquals(verdicts(result), expected);
      assertMatch(fails.map((part) => seenOf(result, part)).join("\n"), seen);
    },
  });
}

Deno.test({
  name: "hosts: the right program passes, and gives what it has",
  ignore,
  fn: async () => {
    // All of them take minutes; these stand for files, bytes, events and time.
    const only = all ? [] : ["S1", "S6", "S12"];
    const result = await mark(templateFor(""), { only, again: true });
    assertEquals(Object.entries(verdicts(result)).filter(([, one]) => one !== "passed"), []);
  },
});

Deno.test({
  name: "hosts: an empty file that is refused in words, as the template says, costs nothing",
  ignore: ignore || !all,
  fn: async () => {
    const result = await mark(templateFor("refuses-empty", REFUSES_EMPTY), { only: ["S9a"] });
    assertEquals(verdicts(result), { S9a: "passed" });
  },
});

Deno.test({
  name: "hosts: a command that leaves is no end of the program that it should end",
  ignore: ignore || !all,
  fn: async () => {
    const template = templateFor("");
    const leave = { line: 20, at: {}, run: "true" };
    const result = await mark({ ...template, verbs: { ...template.verbs, leave } }, {
      only: ["S8"],
    });
    assertEquals(verdicts(result), { S8: "passed", S8b: "failed" });
    assertMatch(seenOf(result, "S8b"), /it still runs/);
  },
});

Deno.test({
  name: "one host: one recv is one message passes there, and no hosts are shown",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const result = await mark(templateFor("one-recv"), { only: ["S1", "S14"], oneHost: true });
    assertEquals(verdicts(result), { S1: "passed", S14: "cannot tell" });
    assertMatch(seenOf(result, "S14"), /cannot be seen on one host/);
    const { listeners } = result.checks[0]!.attempts[0]!.evidence!;
    if (Deno.build.os === "linux") assertMatch(listeners[2]!.join(), /^tcp 127\.0\.0\.1:\d+$/);
  },
});

Deno.test({
  name: "one host: dyed copies tell who gave what, unless hashes refuse them",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const unchecked = await mark(templateFor("no-hash"), { only: ["S6"], oneHost: true });
    assertEquals(verdicts(unchecked), { S6: "passed" });
    assertMatch(seenOf(unchecked, "S6"), /dyed copies: h2 gave \d+ %, h3 gave \d+ %/);
    const right = await mark(templateFor(""), { only: ["S6"], oneHost: true });
    assertEquals(verdicts(right), { S6: "cannot tell" });
    assertMatch(seenOf(right, "S6"), /it compares with hashes/);
  },
});

Deno.test({
  name: "hosts: a wrong port is told by the network itself: refused, and what listens",
  ignore: ignore || !all,
  fn: async () => {
    const result = await mark(templateFor("wrong-port"), { only: ["S1"] });
    const words = networkWords(result.checks[0]!.attempts[0]!.evidence!);
    assertMatch(
      words.join("\n"),
      /h3 → h2:7003 refused × \d+; h2 listens on tcp 10\.77\.0\.2:7002/,
    );
  },
});

Deno.test({
  name: "hosts: what is wrong in the template is told with its line, never against the program",
  ignore,
  fn: async () => {
    const template = templateFor("");
    const peer = { ...template.verbs.peer!, ready: { pattern: "never shown", line: 10 }, t: 300 };
    const result = await mark({ ...template, verbs: { ...template.verbs, peer } });
    assertEquals(verdicts(result).S1, "cannot tell");
    assertMatch(seenOf(result, "S1"), /template, line 10: h2, peer: awaited .never shown/);
    const others = Object.entries(verdicts(result)).filter(([part]) => part !== "S1");
    assert(others.every(([, verdict]) => verdict === "not reached"));
    // A command that cannot be started, where no line is awaited.
    const tracker = { line: 7, at: {}, run: "exit 2" };
    const { verbs } = template;
    const wrong = await mark({ ...template, verbs: { ...verbs, tracker } }, { only: ["S1"] });
    assertEquals(verdicts(wrong).S1, "cannot tell");
    assertMatch(
      seenOf(wrong, "S1"),
      /template, line 7: h1, tracker: it ended at once \(exit status 2\)/,
    );
  },
});
