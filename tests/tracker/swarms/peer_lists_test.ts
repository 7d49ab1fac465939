import fc from "fast-check";
import { PeerLists } from "../../../tracker/swarms/peer_lists.ts";
import { NONE } from "../../../tracker/swarms/slot_pool.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a sample's records are told apart by their positions, whoever is left out", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: -1, max: 59 }),
    fc.boolean(),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    (size, done, wanted, hide, leechersOnly, random) => {
      const lists = new PeerLists(6, () => {});
      const list = lists.open(0);
      for (let peer = 0; peer < size; peer++) {
        lists.push(list, Uint8Array.of(9, 9, 9, 9), peer, peer);
      }
      for (let i = 0; i < Math.min(done, size); i++) lists.setDone(list, i, true);
      const into = new Uint8Array(6 * wanted);
      const hidden = hide < 0 || hide >= size ? NONE : hide;
      const count = lists.sample(list, into, 0, { leechersOnly, hidden, random: () => random });
      if (count === 0) return;
      const seen: number[] = [];
      const record = new Uint8Array(6);
      for (let position = 0; position < size; position++) {
        const at = lists.sampledAt(position);
        if (at === NONE) continue;
        lists.copyRecord(list, position, record, 0);
        assertEquals(into.slice(6 * at, 6 * at + 6), record);
        seen.push(at);
      }
      assertEquals(seen.sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
    },
  ));
});
