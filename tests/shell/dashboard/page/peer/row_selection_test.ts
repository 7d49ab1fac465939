import fc from "fast-check";
import {
  activate,
  among,
  extend,
  keyAt,
  NOTHING_SELECTED,
  type RowSelection,
  selectAll,
  selectNone,
  toggle,
} from "../../../../../shell/dashboard/page/peer/row_selection.ts";
import { assert, assertEquals } from "../../../../support/assert.ts";

const KEYS = ["a", "b", "c", "d", "e"];
const selected = ({ selected }: RowSelection) => [...selected].sort();

Deno.test("shift extends from where a selection began, in both directions", () => {
  let now = activate(NOTHING_SELECTED, "c");
  now = extend(now, KEYS, "e");
  assertEquals(selected(now), ["c", "d", "e"]);
  now = extend(now, KEYS, "a");
  assertEquals([selected(now), now.active], [["a", "b", "c"], "a"]);
});

Deno.test("a range begins anew where the row that it began at is not shown any more", () => {
  const now = among(extend(activate(NOTHING_SELECTED, "a"), KEYS, "c"), ["b", "c", "d"]);
  assertEquals([selected(now), now.anchor], [["b", "c"], undefined]);
  assertEquals(selected(extend(now, ["b", "c", "d"], "d")), ["c", "d"]);
});

Deno.test("arrows stay within the list", () => {
  assertEquals(keyAt(NOTHING_SELECTED, KEYS, 1), "a");
  assertEquals(keyAt(NOTHING_SELECTED, KEYS, -1), "e");
  assertEquals(keyAt(NOTHING_SELECTED, KEYS, -KEYS.length), "a", "Home");
  assertEquals(keyAt(NOTHING_SELECTED, KEYS, KEYS.length), "e", "End");
  assertEquals(keyAt(activate(NOTHING_SELECTED, "d"), KEYS, 10), "e");
  assertEquals(keyAt(NOTHING_SELECTED, [], 1), undefined);
});

Deno.test("whatever is done, only rows that are shown are selected or active", () => {
  const key = fc.constantFrom(...KEYS);
  const step = fc.oneof(
    key.map((key) => (now: RowSelection) => activate(now, key)),
    key.map((key) => (now: RowSelection) => toggle(now, key)),
    key.map((key) => (now: RowSelection) => extend(now, KEYS, key)),
    fc.constant((now: RowSelection) => selectAll(now, KEYS)),
    fc.constant(selectNone),
  );
  fc.assert(fc.property(fc.array(step), fc.subarray(KEYS), (steps, shown) => {
    const now = steps.reduce((now, step) => step(now), NOTHING_SELECTED);
    const left = among(now, shown);
    assert([...left.selected].every((key) => shown.includes(key) && now.selected.has(key)));
    assert(left.active === undefined || shown.includes(left.active));
    assertEquals(selected(selectNone(left)), []);
  }));
});
