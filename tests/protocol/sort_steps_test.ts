import fc from "fast-check";
import { type BencodeInput, encodeBencode, encodeBencodeSteps } from "../../protocol/bencode.ts";
import { byteText, treeOrderKey } from "../../protocol/file_tree_encoder.ts";
import { sortSteps } from "../../protocol/sort_steps.ts";
import { atOnce } from "../../protocol/steps.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { seededRandom } from "../support/random.ts";

Deno.test("sorting with pauses gives what sorting at once gives, equal items in their order", () => {
  const random = seededRandom(1);
  for (const count of [0, 1, 2, 511, 512, 513, 1024, 5000]) {
    const items = Array.from(
      { length: count },
      (_, at) => ({ key: Math.floor(random() * 50), at }),
    );
    const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
    assertEquals(atOnce(sortSteps(items, compare)), items.toSorted(compare));
  }
});

Deno.test("sorting a hundred thousand items pauses hundreds of times", () => {
  const random = seededRandom(2);
  const items = Array.from({ length: 100_000 }, () => random());
  let pauses = 0;
  for (const _ of sortSteps(items, (a, b) => a - b)) pauses++;
  assert(pauses > 1000, `${pauses} pauses`);
});

Deno.test("bencode that is written with pauses is the same", () => {
  const { value } = fc.letrec<{ value: BencodeInput }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.bigInt(),
      fc.string(),
      fc.uint8Array(),
      fc.array(tie("value")),
      fc.dictionary(
        fc.string({ unit: "binary-ascii" }),
        fc.option(tie("value"), { nil: undefined }),
      ),
    ),
  }));
  fc.assert(fc.property(value, (input) => {
    assertEquals(atOnce(encodeBencodeSteps(input)), encodeBencode(input));
  }));
});

Deno.test("paths come in the order of a file tree: by the bytes of one component after the other", () => {
  const name = fc.string({ minLength: 1, maxLength: 3 }).filter((text) => !text.includes("\0"));
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const byParts = (a: readonly string[], b: readonly string[]) => {
    const at = a.findIndex((part, index) => part !== b[index]);
    if (at < 0 || at >= b.length) return a.length - b.length;
    return byteText(a[at]!) < byteText(b[at]!) ? -1 : 1;
  };
  fc.assert(fc.property(path, path, (a, b) => {
    const [one, other] = [treeOrderKey(a), treeOrderKey(b)];
    assertEquals(Math.sign(byParts(a, b)), one < other ? -1 : one > other ? 1 : 0);
  }));
});
