import { NumberedNames } from "../../protocol/numbered_names.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("names that become one where they are cut are numbered in steps that grow with them", () => {
  const numbers = new NumberedNames();
  const taken = new Set<string>(["1", "2"].map((n) => `stem ${n}`));
  let looks = 0;
  for (let i = 0; i < 5000; i++) {
    // However the name ends, no more than four characters of it are left.
    const stem = `stem${i}`.slice(0, 4);
    const name = numbers.firstFree((number) => `${stem} ${number}`, (name) => {
      looks++;
      return taken.has(name);
    });
    assert(!taken.has(name));
    taken.add(name);
  }
  assertEquals(taken.size, 5002);
  assert(looks <= 2 * 5002, `${looks} looks`);
});
