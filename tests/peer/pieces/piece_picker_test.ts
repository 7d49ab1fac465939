import fc from "fast-check";
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

/** What a peer that has everything is asked for, in runs of four. */
function runsOfFour(picker: PiecePicker): number[] {
  const order: number[] = [];
  const all = Bitfield.full(picker.pieceCount);
  for (let piece; (piece = picker.pick(all, 4, order.at(-1))) !== undefined; picker.take(piece)) {
    order.push(piece);
  }
  return order;
}

Deno.test("neighbours follow one another, from the first of a run, and runs in any order", () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const picker = PiecePicker.of(64, seededRandom(seed));
    picker.addSeed();
    const order = runsOfFour(picker);
    assertEquals(new Set(order).size, 64);
    for (let i = 0; i < 64; i += 4) {
      const first = order[i]!;
      assertEquals(first % 4, 0);
      assertEquals(order.slice(i, i + 4), [first, first + 1, first + 2, first + 3]);
    }
    firsts.add(order[0]!);
  }
  assert(firsts.size > 8, `only ${firsts.size} different first runs`);
});

Deno.test("a run never comes before a rarer piece, nor before one that is wanted more", () => {
  const picker = PiecePicker.of(16, seededRandom(2));
  picker.addSeed();
  // Somebody else has all but 5, 6 and 11.
  picker.addPeer(bitfield(16, [0, 1, 2, 3, 4, 7, 8, 9, 10, 12, 13, 14, 15]));
  picker.prioritise(Uint8Array.from({ length: 16 }, (_, i) => i === 9 ? 2 : 1), () => false);
  const order = runsOfFour(picker);
  assertEquals(order[0], 9);
  assertEquals(order.slice(1, 4).sort((a, b) => a - b), [5, 6, 11]);
  assertEquals(order.indexOf(6), order.indexOf(5) + 1);
  assertEquals(new Set(order).size, 16);
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

/** A bitfield that counts how often it is asked for a piece. */
class CountedBitfield extends Bitfield {
  asked = 0;

  override has(index: number): boolean {
    this.asked++;
    return super.has(index);
  }
}

Deno.test("who has half of very many pieces, all but one of which are here, costs little", () => {
  const count = 2 ** 19;
  const picker = PiecePicker.of(count, seededRandom(4));
  const theirs = new CountedBitfield(count);
  for (let piece = 0; piece < count; piece += 2) {
    theirs.add(piece);
    if (piece !== 4242) picker.take(piece);
  }
  picker.addPeer(theirs);
  theirs.asked = 0;
  assertEquals(picker.pick(theirs), 4242);
  picker.take(4242);
  for (let message = 0; message < 10; message++) assertEquals(picker.pick(theirs), undefined);
  assert(theirs.asked < 50_000, `asked ${theirs.asked} times for ${picker.candidates} candidates`);
});

Deno.test("who has but the common ones of very many pieces costs little", () => {
  const count = 2 ** 19;
  const picker = PiecePicker.of(count, seededRandom(5));
  const theirs = new CountedBitfield(count);
  for (let piece = 0; piece < count; piece += 2) theirs.add(piece);
  picker.addPeer(theirs);
  theirs.asked = 0;
  const picked = new Set(Array.from({ length: 10 }, () => picker.pick(theirs)));
  for (const piece of picked) assert(piece !== undefined && piece % 2 === 0);
  assert(picked.size > 5, "not the same for everybody");
  assert(theirs.asked < 50_000, `asked ${theirs.asked} times`);
});

Deno.test("picker agrees with a plain search among very many pieces, whatever is wanted", () => {
  const count = 30_000;
  const shape = fc.record({
    seed: fc.nat(),
    has: fc.constantFrom(0.0001, 0.01, 0.5, 1),
    taken: fc.constantFrom(0, 0.5, 0.999, 1),
    takenOfTheirs: fc.constantFrom(0, 0.999, 1),
    levels: fc.constantFrom(undefined, [0, 1], [0, 1, 2, 3], [2, 3], [0]),
    sequential: fc.boolean(),
  });
  fc.assert(
    fc.property(shape, ({ seed, has, taken, takenOfTheirs, levels, sequential }) => {
      const random = seededRandom(seed + 1);
      const picker = PiecePicker.of(count, random);
      picker.sequential = sequential;
      const theirs = new Bitfield(count);
      const gone = new Bitfield(count);
      for (let piece = 0; piece < count; piece++) {
        if (random() < has) theirs.add(piece);
        if (random() < (theirs.has(piece) ? takenOfTheirs : taken)) gone.add(piece);
      }
      picker.addPeer(theirs);
      const any = () => levels![Math.floor(random() * levels!.length)]!;
      const wanted = levels && Uint8Array.from({ length: count }, any);
      // Wanted otherwise before.
      if (random() < 0.5) picker.prioritise(new Uint8Array(count).fill(3), () => false);
      picker.prioritise(wanted, (piece) => gone.has(piece));
      const fits = (piece: number) => theirs.has(piece) && !gone.has(piece);
      let best = 0;
      let first: number | undefined;
      for (let piece = 0; piece < count; piece++) {
        const level = wanted?.[piece] ?? 1;
        if (!fits(piece) || level <= best) continue;
        best = level;
        first = piece;
      }
      const picked = picker.pick(theirs);
      if (first === undefined || sequential) assertEquals(picked, first);
      else assert(picked !== undefined && fits(picked) && (wanted?.[picked] ?? 1) === best);
    }),
    { numRuns: 60 },
  );
});
