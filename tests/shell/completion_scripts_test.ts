import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import {
  bashCompletions,
  fishCompletions,
  zshCompletions,
} from "../../shell/completion_scripts.ts";
import { PROGRAMS } from "../../shell/programs/mod.ts";

Deno.test("completions know every program and every flag", () => {
  for (const write of [bashCompletions, zshCompletions, fishCompletions]) {
    const script = write(PROGRAMS);
    for (const { name, flags } of PROGRAMS) {
      assertStringIncludes(script, name);
      for (const flag of flags) assertStringIncludes(script, flag);
    }
  }
});

Deno.test("bash completes programs and flags", async () => {
  const script = bashCompletions(PROGRAMS) + `
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vtorrent; echo "\${COMPREPLY[@]}"; }
complete_words vtorrent pe
complete_words vtorrent peer 1 --tra
complete_words vtorrent completions z
`;
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
    "peer",
    "--tracker",
    "zsh",
  ]);
});
