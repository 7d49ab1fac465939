import fc from "fast-check";
import { jsonBytesSteps, jsonSteps } from "../../protocol/json_steps.ts";
import { atOnce } from "../../protocol/steps.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("JSON that is made in steps is the JSON of JSON.stringify", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const json = JSON.stringify(value);
    assertEquals(atOnce(jsonSteps(value)), json);
    assertEquals(new TextDecoder().decode(atOnce(jsonBytesSteps(value))), json);
  }));
  const odd = { a: undefined, list: [undefined, 1, null], 'a"\n': new Date(0), n: NaN };
  assertEquals(atOnce(jsonSteps(odd)), JSON.stringify(odd));
});

Deno.test("a long list pauses every few hundred items", () => {
  const steps = jsonSteps({ list: Array.from({ length: 10_000 }, (_, i) => ({ i })) });
  let pauses = 0;
  while (!steps.next().done) pauses++;
  assert(pauses >= 10_000 / 300);
});
