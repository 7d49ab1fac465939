/**
 * Memory for pieces: how much there is at most, and that it is used again.
 *
 * @module
 */
import { BufferPool } from "../../../peer/pieces/buffer_pool.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("buffers lent, kept or dropped never exceed the limit", () => {
  const pool = new BufferPool(400);
  const lent = Array.from({ length: 4 }, () => pool.lend(100)!);
  assertEquals(pool.lend(100), undefined);
  assertEquals(pool.lend(100, true)?.length, 100); // one that must be
  for (const buffer of lent) pool.giveBack(buffer);
  // 100 are still out, so of 400 that came back 300 were kept.
  const again = Array.from({ length: 3 }, () => pool.lend(100)!);
  assert(again.every((buffer) => lent.includes(buffer)));
  assertEquals(pool.lent, 400);
});

Deno.test("buffers of another size make room", () => {
  const pool = new BufferPool(400);
  pool.giveBack(pool.lend(400)!);
  const small = pool.lend(100)!;
  pool.giveBack(small);
  assert(pool.lend(100) === small);
});

Deno.test("a buffer unused for a second or two is freed", () => {
  const pool = new BufferPool(400);
  const buffer = pool.lend(100)!;
  pool.tick();
  pool.giveBack(buffer);
  pool.tick();
  assert(pool.lend(100) !== buffer);
  const other = pool.lend(100)!;
  pool.giveBack(other);
  pool.tick(); // it was borrowed in this one
  assert(pool.lend(100) === other);
});
