import fc from "fast-check";
import { UploadSlots } from "../../../peer/choking/upload_slots.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const PIECE = 262_144;

Deno.test("a slot gives a piece in about eight seconds; two are there at least", () => {
  const of = (limit: number) => new UploadSlots(PIECE).of(8, { limit });
  assertEquals(of(0), 8);
  assertEquals(of(20_000), 2);
  assertEquals(of(100_000), 2);
  assertEquals(of(200_000), 5);
  assertEquals(of(1_000_000), 8);
});

Deno.test("while the uplink is not used one more is unchoked each round, then one fewer", () => {
  const slots = new UploadSlots(PIECE);
  const limit = 100_000;
  const round = (rate: number, isWaiting = true) => slots.round(8, { limit, rate }, isWaiting);
  assertEquals([30_000, 60_000, 80_000, 95_000, 95_000].map((rate) => round(rate)), [
    3,
    4,
    4,
    3,
    2,
  ]);
  assertEquals(round(0, false), 2);
});

Deno.test("never more slots than are allowed, and never none", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 1000 }),
    fc.integer({ min: 1, max: 27 }).map((power) => 2 ** power),
    fc.array(fc.record({ limit: fc.nat(), rate: fc.nat(), isWaiting: fc.boolean() })),
    (most, pieceLength, rounds) => {
      const slots = new UploadSlots(pieceLength);
      for (const { isWaiting, ...uplink } of rounds) {
        const count = slots.round(most, uplink, isWaiting);
        assert(count >= 1 && count <= most, `${count} of ${most}`);
      }
    },
  ));
});
