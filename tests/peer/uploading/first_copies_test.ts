import { FirstCopies } from "../../../peer/uploading/first_copies.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const [first, second, third] = [{ name: "1" }, { name: "2" }, { name: "3" }];

Deno.test("a piece that only we have goes to one peer until that one had it for a moment", () => {
  const copies = new FirstCopies<object>(() => true);
  assert(!copies.isHeld(5, first, 0), "nobody got it yet");
  copies.onSent(5, first, 0);
  copies.onSent(6, second, 0);
  assert(copies.isHeld(5, second, 100));
  assert(!copies.isHeld(5, first, 100));
  assert(!copies.isHeld(7, second, 100), "another piece");
  copies.onHave(5, 500);
  assert(copies.isHeld(5, second, 1900), "it may be asked of the first");
  assert(!copies.isHeld(5, second, 2000));
});

Deno.test("a peer that gets nothing else does not wait for a slow first peer", () => {
  const copies = new FirstCopies<object>(() => true);
  copies.onSent(5, first, 0);
  copies.onSent(6, first, 0);
  assert(copies.isHeld(5, second, 0));
  copies.onSent(5, first, 900);
  copies.onSent(6, first, 900);
  assert(copies.isHeld(5, second, 999));
  assert(!copies.isHeld(5, second, 1000));
  copies.onSent(5, second, 1000);
  assert(!copies.isHeld(6, second, 1001), "nor for the others that it waits for");
  copies.onHave(6, 1001);
  for (let now = 1500; now < 3000; now += 500) copies.onSent(7, first, now);
  assert(copies.isHeld(7, second, 2999), "once it got something");
  assert(!copies.isHeld(7, second, 3000));
});

Deno.test("a piece whose first one stopped reading, or is silent about it, is for the others", () => {
  const copies = new FirstCopies<object>(() => true);
  copies.onSent(5, first, 0);
  copies.onSent(5, first, 900);
  copies.onSent(9, second, 1000);
  assert(copies.isHeld(5, second, 1899));
  assert(!copies.isHeld(5, second, 1900));
  copies.onSent(6, first, 2400);
  assert(!copies.isHeld(6, second, 3400), "the second one that it is silent about");
  copies.onSent(7, first, 4000);
  assert(!copies.isHeld(7, second, 4001), "it is first no more");
});

Deno.test("who gets a block of each piece and tells of none keeps two of them from the others", () => {
  const copies = new FirstCopies<object>(() => true);
  for (let piece = 0; piece < 320; piece++) copies.onSent(piece, first, 0);
  const held = () =>
    Array.from({ length: 320 }, (_, n) => n).filter((n) => copies.isHeld(n, second, 1));
  assertEquals(held(), [0, 1]);
  // Who tells of one is first with many, as a line with a long way needs it.
  copies.onHave(0, 2);
  for (let piece = 320; piece < 330; piece++) copies.onSent(piece, first, 3);
  assert(copies.isHeld(329, second, 4));
});

Deno.test("who was choked in the middle of two pieces is first with the next ones all the same", () => {
  const copies = new FirstCopies<object>(() => true);
  for (let turn = 0; turn < 3; turn++) {
    copies.onSent(2 * turn, first, turn);
    copies.onSent(2 * turn + 1, first, turn);
    assert(copies.isHeld(2 * turn + 1, third, turn));
    copies.onLeft(first);
  }
});

Deno.test("a piece that a peer was getting when it left is for the others", () => {
  const copies = new FirstCopies<object>(() => true);
  copies.onSent(5, first, 0);
  assert(copies.isHeld(5, third, 1));
  copies.onLeft(first);
  assert(!copies.isHeld(5, third, 2));
});

Deno.test("a piece that others have, too, is withheld from no peer", () => {
  const copies = new FirstCopies<object>(() => false);
  copies.onSent(5, first, 0);
  assert(!copies.isHeld(5, second, 0));
});

Deno.test("on a slow uplink all is waited for as long as two pieces take", () => {
  const copies = new FirstCopies<object>(() => true);
  copies.tick(5000);
  copies.onSent(5, first, 0);
  copies.onSent(6, second, 0);
  assert(copies.isHeld(5, second, 9999), "its next block may take longer than a second");
  copies.onHave(5, 9000);
  copies.onSent(6, second, 18_000);
  assert(copies.isHeld(5, second, 18_999), "nobody passes it on sooner");
  assert(!copies.isHeld(5, second, 19_000));
  copies.onSent(7, first, 20_000);
  assert(copies.isHeld(7, second, 27_999));
  assert(!copies.isHeld(7, second, 28_000), "ten seconds without a block");
});

Deno.test("it says once for each piece who waits for whom, and who is passed over in the end", () => {
  const copies = new FirstCopies<object>(() => true);
  const said: unknown[] = [];
  copies.onDecision = (decision) => said.push(decision);
  copies.onSent(5, first, 0);
  copies.isHeld(5, second, 1);
  copies.isHeld(5, second, 2);
  copies.isHeld(5, third, 3);
  assertEquals(said.splice(0), [{ what: "kept", peer: second, piece: 5, first }]);
  copies.onSent(5, first, 900);
  copies.isHeld(5, second, 1001);
  copies.isHeld(5, second, 1002);
  assertEquals(said.splice(0), [{ what: "waited", peer: second }]);
  copies.isHeld(5, third, 1900);
  assertEquals(said, [{ what: "silent", peer: first, piece: 5 }]);
});
