import fc from "fast-check";
import { Bitfield } from "../../protocol/bitfield.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("Bitfield has piece 0 in the high bit of the first byte", () => {
  const field = new Bitfield(10);
  assert(field.add(0));
  assert(field.add(9));
  assertEquals(field.bytes, Uint8Array.of(0x80, 0x40));
  assertEquals(field.count, 2);
});

Deno.test("Bitfield.add() and delete() tell whether anything changed", () => {
  const field = new Bitfield(8);
  assert(field.add(3));
  assert(!field.add(3));
  assertEquals(field.count, 1);
  assert(field.delete(3));
  assert(!field.delete(3));
  assertEquals(field.count, 0);
});

Deno.test("Bitfield takes no index outside of the torrent", () => {
  const field = new Bitfield(10);
  for (const index of [-1, 10, 15, 16, 2 ** 31, 0xffffffff]) {
    assertThrows(() => field.add(index), RangeError, "No piece");
    assert(!field.delete(index));
    assert(!field.has(index), `${index}`);
  }
  assertEquals(field.bytes, new Uint8Array(2));
});

Deno.test("Bitfield.full() sets no spare bits", () => {
  for (const length of [0, 1, 7, 8, 9, 16, 1313]) {
    const field = Bitfield.full(length);
    assertEquals(field.count, length);
    assert(field.isFull);
    assertEquals(Bitfield.parse(field.bytes, length).count, length);
  }
});

Deno.test("Bitfield.parse() counts and owns its bytes", () => {
  const bytes = Uint8Array.of(0b10110000, 0b10000000);
  const field = Bitfield.parse(bytes, 9);
  bytes.fill(0);
  assertEquals(field.count, 4);
  assert(field.has(8));
  assert(!field.isFull);
});

Deno.test("Bitfield.parse() refuses a wrong length and spare bits", () => {
  assertThrows(() => Bitfield.parse(new Uint8Array(1), 9), ProtocolError, "1 bytes where 2");
  assertThrows(() => Bitfield.parse(new Uint8Array(3), 9), ProtocolError, "3 bytes where 2");
  assertThrows(() => Bitfield.parse(new Uint8Array(0), 1), ProtocolError);
  assertThrows(() => Bitfield.parse(Uint8Array.of(0xff, 0xc0), 9), ProtocolError, "spare bits");
  assertThrows(() => Bitfield.parse(Uint8Array.of(0, 1), 9), ProtocolError, "spare bits");
  assertEquals(Bitfield.parse(new Uint8Array(0), 0).count, 0);
});

Deno.test("Bitfield.copy() is independent", () => {
  const field = Bitfield.full(9);
  const copy = field.copy();
  copy.delete(8);
  assertEquals([field.count, copy.count], [9, 8]);
});

Deno.test("Bitfield behaves as a set of numbers does", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 70 }),
      fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 69 })), { maxLength: 100 }),
      (length, steps) => {
        const field = new Bitfield(length);
        const model = new Set<number>();
        for (const [add, number] of steps) {
          const index = number % length;
          if (add) {
            assertEquals(field.add(index), !model.has(index));
            model.add(index);
          } else {
            assertEquals(field.delete(index), model.delete(index));
          }
          assertEquals(field.count, model.size);
        }
        for (let index = 0; index < length; index++) {
          assertEquals(field.has(index), model.has(index));
        }
        assertEquals(Bitfield.parse(field.bytes, length).count, model.size);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("Bitfield tells what is new in another one", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean())), (pieces) => {
    const [own, theirs] = [new Bitfield(pieces.length), new Bitfield(pieces.length)];
    for (const [piece, [here, there]] of pieces.entries()) {
      if (here) own.add(piece);
      if (there) theirs.add(piece);
    }
    const due = [...pieces.entries()].flatMap(([n, [here, there]]) => there && !here ? [n] : []);
    assertEquals(own.lacking(theirs), due);
  }));
});

Deno.test("Bitfield.union() has what either has, and the version tells of each change", () => {
  const indexes = fc.array(fc.nat(36), { maxLength: 20 });
  fc.assert(fc.property(indexes, indexes, (ours, theirs) => {
    const [a, b] = [ours, theirs].map((list) => {
      const field = new Bitfield(37);
      for (const index of list) field.add(index);
      return field;
    }) as [Bitfield, Bitfield];
    const both = a.union(b);
    const expected = new Set([...ours, ...theirs]);
    assertEquals(both.count, expected.size);
    for (let index = 0; index < 37; index++) assertEquals(both.has(index), expected.has(index));
    const { version } = both;
    if (both.add(0)) assert(both.version > version);
    else assertEquals(both.version, version);
  }));
});
