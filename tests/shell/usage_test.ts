import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { TextOutput } from "../support/test_world.ts";
import { typeBanner, withSign } from "../../shell/terminal/classroom_style.ts";
import { commandFrom, welcome } from "../../shell/usage.ts";

Deno.test("welcome() fits a small terminal and names the program as it is called here", () => {
  const text = welcome("./vtorrent");
  const lines = text.split("\n");
  assert(lines.length <= 20 && lines.every((line) => line.length < 80), text);
  assertStringIncludes(text, "./vtorrent tracker\n");
  assertEquals(commandFrom(["/home/me/vtorrent"], "/home/me"), "./vtorrent");
  assertEquals(commandFrom(["/usr/bin/vtorrent"], "/home/me"), "vtorrent");
  assertEquals(commandFrom(["deno", "run", "main.ts"], "/home/me"), "vtorrent");
});

Deno.test("playful is for those who want it and can see it", async () => {
  const look = { form: "screen", columns: 80, unicode: true, colour: false } as const;
  assertEquals(withSign("peer-connected", "x", look), "👋 x");
  assertEquals(withSign("peer-connected", "x", { unicode: false }), "x");
  assertEquals(withSign("peer-connected", undefined, look), undefined);
  const output = new TextOutput(undefined);
  await typeBanner(output, look, new AbortController().signal);
  assertEquals(output.lines.length, 5);
  const narrow = new TextOutput(30);
  await typeBanner(narrow, { ...look, columns: 30 }, new AbortController().signal);
  assertEquals(narrow.text, "");
});
