import fc from "fast-check";
import { rowWindow, scrollTo } from "../../../../shell/dashboard/page/row_window.ts";
import { assert, assertEquals } from "../../../support/assert.ts";

const scrolled = fc.record({
  top: fc.integer({ min: -100, max: 500_000 }),
  height: fc.integer({ min: 0, max: 3000 }),
  rowHeight: fc.integer({ min: 10, max: 120 }),
  count: fc.integer({ min: 0, max: 10_000 }),
});

Deno.test("every row that is in sight is in the window, and no more than a screen and what is spare", () => {
  fc.assert(fc.property(scrolled, fc.integer({ min: 0, max: 20 }), (rows, spare) => {
    const { first, end } = rowWindow(rows, spare);
    assert(0 <= first && first <= end || end === 0 || first === rows.count);
    assert(end <= rows.count);
    assert(end - first <= Math.ceil(rows.height / rows.rowHeight) + 1 + 2 * spare);
    for (let row = 0; row < rows.count; row += Math.max(1, Math.floor(rows.count / 50))) {
      const from = row * rows.rowHeight;
      const isSeen = from + rows.rowHeight > Math.max(0, rows.top) &&
        from < Math.max(0, rows.top) + rows.height;
      if (isSeen) assert(first <= row && row < end, `row ${row} of ${first} to ${end}`);
    }
  }));
});

Deno.test("a row that was scrolled to is in sight as a whole", () => {
  fc.assert(fc.property(scrolled, fc.nat(), (rows, number) => {
    fc.pre(rows.count > 0 && rows.height >= rows.rowHeight);
    const row = number % rows.count;
    const top = scrollTo(row, rows) ?? rows.top;
    assert(top <= row * rows.rowHeight);
    assert(top + rows.height >= (row + 1) * rows.rowHeight);
    assertEquals(scrollTo(row, { ...rows, top }), undefined);
  }));
});
