import fc from "fast-check";
import { Pattern } from "../../lab/grade/swarm/pattern.ts";
import { fill, fillPattern, UnfilledError } from "../../lab/grade/swarm/placeholders.ts";
import { plainText, Screen, Script } from "../../lab/grade/swarm/script.ts";
import type { Step } from "../../lab/grade/swarm/template.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const STEPS: Step[] = [
  { do: "wait", pattern: "name\\?", line: 3 },
  { do: "type", text: "{k} {file}", line: 4 },
  { do: "capture", pattern: "id (?<id>\\w+)", line: 5 },
  { do: "type", text: "use {id}", line: 6 },
];

Deno.test("a script waits, types, captures, and types what it captured", () => {
  const screen = new Screen();
  const script = new Script(STEPS);
  const values = { k: 2, file: "a.bin" };
  assertEquals(script.next(screen, values).do, "await");
  screen.add("your na");
  assertEquals(script.next(screen, values).do, "await");
  screen.add("me? ");
  assertEquals(script.next(screen, values), { do: "type", text: "2 a.bin", line: 4 });
  screen.add("ok, id x7\n");
  assertEquals(script.next(screen, values), { do: "type", text: "use x7", line: 6 });
  assertEquals(script.next(screen, values), { do: "end" });
});

Deno.test("a line that one step met is not met again by the next", () => {
  const screen = new Screen();
  screen.add("ready\n");
  const script = new Script([
    { do: "wait", pattern: "ready", line: 1 },
    { do: "wait", pattern: "ready", line: 2 },
  ]);
  const action = script.next(screen, {});
  assert(action.do === "await" && action.line === 2);
});

Deno.test("a placeholder that was never captured is named, {{ is a brace", () => {
  assertThrows(() => fill("use {id}", {}), UnfilledError, "{id} was never captured");
  assertEquals(fill('{{"k": {k}}', { k: 3 }), '{"k": 3}');
});

Deno.test("property: in a pattern a placeholder stands for its own text, whatever it is", () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), (file) => {
    assert(fillPattern("^got {file}$", { file }).test(`got ${file}`));
  }));
});

Deno.test("property: cut into any parts, a screen shows the same, colours left out", () => {
  const text = "a\x1b[31mred\x1b[0m b\r\nline \x1b]0;title\x07 end\x1b[2J!";
  const wanted = plainText(text);
  fc.assert(fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
    const screen = new Screen();
    const places = [0, ...cuts.sort((a, b) => a - b), text.length];
    places.slice(1).forEach((end, index) => screen.add(text.slice(places[index], end)));
    assertEquals(screen.text.replaceAll("\r", ""), wanted.replaceAll("\r", ""));
  }));
});

Deno.test("of a flood head and tail are kept, and patterns still see the newest", () => {
  const screen = new Screen(1000);
  screen.add("first\n");
  for (let count = 0; count < 5000; count++) screen.add(`line ${count}\n`);
  assert(screen.text.length < 4000);
  assert(screen.text.startsWith("first\n") && screen.text.endsWith("line 4999\n"));
  assert(screen.has(new Pattern("line 4999")));
});
