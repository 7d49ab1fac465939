import { ActivePiece } from "../../../peer/pieces/active_piece.ts";
import { BLOCK_LENGTH } from "../../../protocol/piece_layout.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("blocks of nothing but padding are there already, and are zeros", () => {
  const bytes = new Uint8Array(4 * BLOCK_LENGTH).fill(7);
  const active = new ActivePiece<string>(0, bytes, BLOCK_LENGTH + 1);
  assertEquals([active.reserve(), active.reserve(), active.reserve()], [0, 1, undefined]);
  const block = new Uint8Array(BLOCK_LENGTH).fill(1);
  assertEquals(active.accept(0, block, "a"), "accepted");
  assertEquals(active.accept(2 * BLOCK_LENGTH, block, "a"), "invalid");
  // The block in which the padding begins comes whole, as v1 clients send it.
  assertEquals(active.accept(BLOCK_LENGTH, block, "a"), "complete");
  assert(bytes.subarray(0, 2 * BLOCK_LENGTH).every((byte) => byte === 1));
  assert(bytes.subarray(2 * BLOCK_LENGTH).every((byte) => byte === 0));
});
