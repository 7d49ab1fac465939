import { concatBytes } from "../../protocol/concat_bytes.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parts are put together in order, empty ones and none at all included", () => {
  const parts = [[1, 2], [], [3]].map((bytes) => Uint8Array.from(bytes));
  assertEquals(concatBytes(parts), Uint8Array.from([1, 2, 3]));
  assertEquals(concatBytes([]), new Uint8Array());
});
