import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

function bitfield(length: number, pieces: number[]): Bitfield {
  const field = new Bitfield(length);
  for (const piece of pieces) field.add(piece);
  return field;
}

Deno.test("picker begins with the piece that the fewest peers have", () => {
  const picker = PiecePicker.of(3, seededRandom(1));
  picker.addPeer(bitfield(3, [0, 1, 2]));
  picker.addPeer(bitfield(3, [0, 2]));
  assertEquals(picker.pick(Bitfield.full(3)), 1);
  picker.take(1);
  assertEquals(picker.pick(bitfield(3, [1])), undefined);
  assertEquals(picker.pick(bitfield(3, [2])), 2);
});

Deno.test("picker gives peers of one seed different pieces", () => {
  const first = new Set<number>();
  for (let seed = 0; seed < 50; seed++) {
    const picker = PiecePicker.of(100, seededRandom(seed));
    picker.addSeed();
    first.add(picker.pick(Bitfield.full(100))!);
  }
  assert(first.size > 25, `only ${first.size} different first pieces`);
});

Deno.test("sequential picker takes the lowest piece the peer has", () => {
  const picker = PiecePicker.of(5, seededRandom(1));
  picker.sequential = true;
  picker.addPeer(bitfield(5, [0, 1, 2, 3, 4]));
  picker.take(0);
  assertEquals(picker.pick(Bitfield.full(5)), 1);
  assertEquals(picker.pick(bitfield(5, [3])), 3);
});

Deno.test("picker takes what is wanted most, however common, and never what is not wanted", () => {
  const picker = PiecePicker.of(5, seededRandom(1));
  picker.addPeer(bitfield(5, [0, 1, 2, 3, 4]));
  picker.addPeer(bitfield(5, [3]));
  const owned = bitfield(5, [2]);
  picker.take(2);
  picker.prioritise(Uint8Array.of(0, 1, 3, 3, 2), (piece) => owned.has(piece));
  const order: number[] = [];
  for (let piece; (piece = picker.pick(Bitfield.full(5))) !== undefined; picker.take(piece)) {
    order.push(piece);
  }
  assertEquals(order, [3, 4, 1]);
  assertEquals(picker.candidates, 0);
  picker.giveBack(0);
  assertEquals(picker.candidates, 0);
  picker.giveBack(4);
  assertEquals(picker.pick(bitfield(5, [0, 1, 4])), 4);
  picker.prioritise(undefined, (piece) => owned.has(piece));
  assertEquals(picker.candidates, 4);
  assert(picker.isCandidate(0) && !picker.isCandidate(2));
});

Deno.test("picker agrees with a plain recount after any history", () => {
  const pieces = 37;
  const random = seededRandom(7);
  const picker = PiecePicker.of(pieces, random);
  const copies = new Array<number>(pieces).fill(0);
  const candidate = new Array<boolean>(pieces).fill(true);
  const peers: Bitfield[] = [];
  for (let step = 0; step < 20_000; step++) {
    const action = random();
    const piece = Math.floor(random() * pieces);
    const peer = Math.floor(random() * peers.length);
    if (action < 0.4 && peers.length > 0) {
      if (peers[peer]!.add(piece)) {
        picker.onHave(piece);
        copies[piece]!++;
      }
    } else if (action < 0.6) {
      candidate[piece] = action >= 0.5;
      if (candidate[piece]) picker.giveBack(piece);
      else picker.take(piece);
    } else if (action < 0.65 && peers.length < 10) {
      const has = bitfield(pieces, copies.flatMap((_, i) => random() < 0.3 ? [i] : []));
      for (let i = 0; i < pieces; i++) if (has.has(i)) copies[i]!++;
      peers.push(has);
      picker.addPeer(has);
    } else if (action < 0.7 && peers.length > 0) {
      const [gone] = peers.splice(peer, 1);
      picker.removePeer(gone!);
      for (let i = 0; i < pieces; i++) if (gone!.has(i)) copies[i]!--;
    }
    const rarest = Math.min(...copies.filter((_, i) => candidate[i]));
    const picked = picker.pick(Bitfield.full(pieces));
    if (rarest === Infinity) assertEquals(picked, undefined);
    else assert(candidate[picked!] && copies[picked!] === rarest, `step ${step}: ${picked}`);
  }
  for (let i = 0; i < pieces; i++) {
    assertEquals(picker.availability(i), copies[i]!);
    assertEquals(picker.isCandidate(i), candidate[i]!);
  }
});

Deno.test("picker chooses alike for who has few of very many pieces: the rarest, any of them", () => {
  const count = 20_000;
  const picker = PiecePicker.of(count, seededRandom(3));
  const theirs = bitfield(count, [5, 700, 701, 19_999]);
  picker.addPeer(bitfield(count, [5, 700, 701, 19_999]));
  picker.addPeer(bitfield(count, [5]));
  picker.take(19_999);
  const picked = new Set(Array.from({ length: 50 }, () => picker.pick(theirs)));
  assertEquals([...picked].sort(), [700, 701]);
  picker.take(700);
  picker.take(701);
  assertEquals(picker.pick(theirs), 5);
  picker.take(5);
  assertEquals(picker.pick(theirs), undefined);
});
