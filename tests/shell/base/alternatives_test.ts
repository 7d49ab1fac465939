import { alternatives } from "../../../shell/base/alternatives.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a few alternatives are all named, very many by the first few and their number", () => {
  assertEquals(alternatives(["a"]), "a");
  assertEquals(alternatives(["a", "b"]), "a or b");
  const many = Array.from({ length: 10_000 }, (_, index) => String(index));
  assertEquals(alternatives(many), "0, 1, 2, 3, 4, 5 or 9994 more");
});
