import { UsageError } from "../../../shell/base/errors.ts";
import { findVerb, verbFor, verbsOf } from "../../../shell/commands/mod.ts";
import { meantBy, PROGRAM_WORDS, VERB_FOR } from "../../../shell/commands/meant_verb.ts";
import { PROGRAMS } from "../../../shell/programs/mod.ts";
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";

/** What a peer's shell says to a word. */
function said(word: string, role: "peer" | "tracker" = "peer"): string {
  return assertThrows(() => verbFor(word, role), UsageError).message;
}

Deno.test("words of other shells and clients are understood, or lead to the verb", () => {
  for (
    const [word, verb] of Object.entries({
      q: "exit",
      quit: "exit",
      cls: "clear",
      "?": "help",
      ls: "list",
      get: "download",
      share: "send",
      start: "resume",
      peers: "peerinfo",
      rm: "remove",
    })
  ) assertEquals(verbFor(word, "peer").name, verb);
  assertEquals(said("upload"), 'Unknown verb "upload". Did you mean "send"?');
  assertEquals(said("watch"), 'Unknown verb "watch". Did you mean "status --watch"?');
  assertEquals(
    said("history"),
    'Unknown verb "history". The up arrow brings back what was typed, Ctrl-R searches it.',
  );
  assertEquals(
    said("./vtorrent"),
    'Unknown verb "./vtorrent". Programs are started from your system\'s prompt: open another ' +
      "terminal",
  );
  assertEquals(
    said("demo", "tracker"),
    'Unknown verb "demo". It is a program: type vtorrent demo in another terminal',
  );
  assertEquals(
    said("cat"),
    'Unknown verb "cat". It is a command of your system: type it in another terminal',
  );
  // A tracker sends nothing: it is no help to be led there.
  assertEquals(said("upload", "tracker"), 'Unknown verb "upload". Type help for the list');
  assertEquals(said("frob"), 'Unknown verb "frob". Type help for the list');
});

Deno.test("what an unknown word leads to is there, and the word is not", () => {
  for (const [word, verb] of Object.entries(VERB_FOR)) {
    assert(findVerb(verb.split(" ")[0]!) !== undefined, verb);
    assertEquals(findVerb(word), undefined, word);
  }
  const programs = PROGRAMS.map(({ name }) => name);
  for (const word of PROGRAM_WORDS) assert(programs.includes(word), word);
  const verbs = verbsOf("peer").map(({ name }) => name);
  for (const name of programs) {
    const isKnown = findVerb(name) !== undefined || meantBy(name, verbs) !== undefined;
    assert(isKnown, `${name} is a program, and the shell does not know it`);
  }
});
