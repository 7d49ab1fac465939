import fc from "fast-check";
import {
  type Arrow,
  arrowWidths,
  ringPlaces,
  ringSize,
} from "../../../../../shell/dashboard/page/board/graph_layout.ts";
import { matrixSize } from "../../../../../shell/dashboard/page/board/matrix_layout.ts";
import { assert, assertEquals } from "../../../../support/assert.ts";

const width = fc.integer({ min: 340, max: 2600 });
const height = fc.integer({ min: 320, max: 1500 });

Deno.test("peers of a ring lie within the picture with all their words, whatever its size", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 256 }), width, height, (peers, width, height) => {
    const size = ringSize(peers, width, height);
    const ids = Array.from({ length: peers }, (_, at) => `${at}`);
    const places = ringPlaces(ids, size);
    assertEquals(places.size, peers);
    for (const { x, y } of places.values()) {
      assert(x - size.radius >= 0 && x + size.radius <= width, `${x} of ${width}`);
      assert(y - size.radius >= 0, `${y}`);
      assert(y + size.radius + size.lines * 1.2 * size.font <= height, `${y} of ${height}`);
    }
  }));
});

Deno.test("circles of up to twelve peers do not touch in the windows of projectors", () => {
  for (const [width, height] of [[740, 470], [1100, 800], [360, 340]] as const) {
    for (let peers = 2; peers <= 12; peers++) {
      const size = ringSize(peers, width, height);
      const places = [
        ...ringPlaces(Array.from({ length: peers }, (_, at) => `${at}`), size).values(),
      ];
      for (const [at, one] of places.entries()) {
        for (const other of places.slice(at + 1)) {
          const distance = Math.hypot(one.x - other.x, one.y - other.y);
          assert(distance > 2 * size.radius, `${peers} in ${width}x${height}: ${distance}`);
        }
      }
    }
  }
});

const arrows = fc.array(
  fc.record({
    from: fc.constantFrom("a", "b", "c"),
    to: fc.constantFrom("d", "e", "f"),
    rate: fc.oneof(fc.constant(0), fc.nat(1e9)),
    optimistic: fc.boolean(),
    waits: fc.boolean(),
    reason: fc.constant(""),
  }),
  { maxLength: 30 },
);

Deno.test("an arrow is as wide as its share of what the most generous peer gives", () => {
  fc.assert(fc.property(arrows, (arrows: Arrow[]) => {
    const widths = arrowWidths(arrows);
    for (const [one, width] of widths) {
      assertEquals(width > 0, one.rate > 0);
      for (const [other, its] of widths) if (one.rate > other.rate) assert(width >= its);
    }
    const sum = (from: string) =>
      arrows.filter((one) => one.from === from)
        .reduce((sum, one) => sum + Math.max(0, widths.get(one)! - 1.5), 0);
    for (const from of ["a", "b", "c"]) assert(sum(from) <= 18 + 1e-6, `${sum(from)}`);
  }));
});

Deno.test("rows of the matrix fit into the height there is, and say how many do not", () => {
  fc.assert(
    fc.property(width, fc.nat(256), fc.option(height), (width, peers, room) => {
      const size = matrixSize(width, peers, room ?? undefined);
      assert(size.rows <= peers);
      assertEquals(size.height, (size.rows + 1) * size.row);
      assertEquals(size.names + size.cells + size.facts, width);
      if (room === null) return assertEquals(size.rows, peers);
      assert(size.height <= room, `${size.height} of ${room}`);
      assert(size.row >= 17 && size.row <= 46);
    }),
  );
});
