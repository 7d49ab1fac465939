import { Bitfield } from "../../../protocol/bitfield.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { startOfRun } from "../../../peer/web_seed/gap_picker.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

function pickerWith(count: number, owned: readonly number[]): PiecePicker {
  const picker = PiecePicker.of(count, seededRandom(1));
  for (const piece of owned) picker.take(piece);
  return picker;
}

const ALL = Bitfield.full(20);

Deno.test("a gap is one of pieces that the web seed has and nobody fetches, whatever is wanted", () => {
  const picker = pickerWith(20, [0, 1, 2, 7]);
  const theirs = new Bitfield(20);
  for (const piece of [1, 2, 3, 4, 7, 8, 9, 10, 15]) theirs.add(piece);
  assertEquals(startOfRun(picker, theirs, 4, () => 0), 8);
  picker.prioritise(
    Uint8Array.from({ length: 20 }, (_, piece) => piece === 15 ? 3 : 1),
    (piece) => [0, 1, 2, 7].includes(piece),
  );
  assertEquals(startOfRun(picker, theirs, 4, () => 0), 15);
});

Deno.test("the longest gap is filled first, a short one from its start", () => {
  const picker = pickerWith(20, [3, 9]);
  for (let piece = 10; piece < 20; piece++) picker.take(piece);
  assertEquals(startOfRun(picker, ALL, 4, () => 0.99), 4);
});

Deno.test("in a long gap each peer begins somewhere else", () => {
  const picker = pickerWith(20, []);
  const random = seededRandom(2);
  const starts = new Set(Array.from({ length: 50 }, () => startOfRun(picker, ALL, 2, random)));
  assert(starts.size > 5);
  for (const start of starts) assert(start! <= 18);
});

Deno.test("pieces that no peer has come before pieces that peers have", () => {
  const picker = pickerWith(20, []);
  const theirs = new Bitfield(20);
  for (let piece = 2; piece < 20; piece++) theirs.add(piece);
  picker.addPeer(theirs);
  assertEquals(startOfRun(picker, ALL, 4, () => 0.5), 0);
});

Deno.test("higher priority comes first, sequential is in order, unwanted never", () => {
  const picker = pickerWith(20, []);
  const priorities = new Uint8Array(20).fill(1);
  priorities.fill(0, 0, 3);
  priorities[17] = 2;
  picker.prioritise(priorities, () => false);
  assertEquals(startOfRun(picker, ALL, 50, () => 0), 17);
  priorities[17] = 1;
  picker.prioritise(priorities, () => false);
  picker.sequential = true;
  assertEquals(startOfRun(picker, ALL, 1, () => 0.9), 3);
});

Deno.test("nothing is asked for that the server lacks or that is owned", () => {
  const picker = pickerWith(20, [0, 1, 2]);
  const pieces = new Bitfield(20);
  pieces.add(1);
  assertEquals(startOfRun(picker, pieces, 4, () => 0), undefined);
  pieces.add(7);
  assertEquals(startOfRun(picker, pieces, 4, () => 0), 7);
});
