import { LinearHashIndex, type Links } from "../../../tracker/swarms/linear_hash_index.ts";
import { NONE, PAGE, SlotPool } from "../../../tracker/swarms/slot_pool.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

/** A row of two words for each, the second of them the link. */
function linksOf(rows: number): Links {
  const pages = Array.from({ length: Math.ceil(rows / PAGE) }, () => new Int32Array(2 * PAGE));
  return { pages, width: 2, at: 1 };
}

Deno.test("the index finds every row that is there, through growth and shrinking", () => {
  const random = seededRandom(5);
  const hashes: number[] = [];
  const index = new LinearHashIndex(linksOf(6000), (row) => hashes[row]!);
  const there = new Set<number>();
  const rowsOf = (hash: number): number[] => {
    const rows = [];
    for (let row = index.first(hash); row !== NONE; row = index.next(row)) {
      if (hashes[row] === hash) rows.push(row);
    }
    return rows.sort((a, b) => a - b);
  };
  // Grows to some thousands, shrinks to nothing, and once more.
  for (let step = 0; step < 40_000; step++) {
    const isGrowing = step % 20_000 < 10_000;
    const row = Math.floor(random() * 6000);
    if (there.has(row) && !isGrowing) {
      index.delete(row);
      there.delete(row);
    } else if (!there.has(row) && isGrowing) {
      hashes[row] = random() < 0.01 ? 77 : random() * 2 ** 32 | 0;
      index.add(row);
      there.add(row);
    }
    if (step % 500 !== 0) continue;
    assertEquals(index.size, there.size);
    assertEquals(
      rowsOf(77),
      [...there].filter((row) => hashes[row] === 77).sort((a, b) => a - b),
    );
    for (const row of there) assert(rowsOf(hashes[row]!).includes(row));
  }
});

Deno.test("the pool gives every row once, skips what is free, and drops pages that are empty", () => {
  const open = new Set<number>();
  const pool = new SlotPool({
    open: (page) => open.add(page),
    drop: (page) => open.delete(page),
  });
  const random = seededRandom(6);
  const taken = new Set<number>();
  for (let step = 0; step < 30_000; step++) {
    if (step % 15_000 < 8000 || taken.size === 0) {
      const row = pool.take();
      assert(!taken.has(row) && row >= 0);
      taken.add(row);
    } else {
      const rows = [...taken];
      const row = rows[Math.floor(random() * rows.length)]!;
      taken.delete(row);
      pool.give(row);
    }
  }
  assertEquals(pool.size, taken.size);
  const walked = [];
  for (let row = pool.next(0); row !== NONE; row = pool.next(row + 1)) walked.push(row);
  assertEquals(walked, [...taken].sort((a, b) => a - b));
  for (const row of taken) pool.give(row);
  assertEquals(pool.next(0), NONE);
  assertEquals(open.size, 1);
});

Deno.test("blocks of different sizes never overlap", () => {
  const pool = new SlotPool({ open() {}, drop() {} });
  const random = seededRandom(7);
  const owner = new Map<number, number>();
  const blocks = new Map<number, number>();
  for (let step = 0; step < 5000; step++) {
    if (random() < 0.6) {
      const order = Math.floor(random() * 11);
      const row = pool.take(order);
      assertEquals(Math.floor(row / PAGE), Math.floor((row + (1 << order) - 1) / PAGE));
      for (let i = row; i < row + (1 << order); i++) {
        assert(!owner.has(i), `row ${i} is taken twice`);
        owner.set(i, row);
      }
      blocks.set(row, order);
    } else {
      const [first] = blocks;
      if (first === undefined) continue;
      const [row, order] = first;
      pool.give(row);
      blocks.delete(row);
      for (let i = row; i < row + (1 << order); i++) owner.delete(i);
    }
  }
});
