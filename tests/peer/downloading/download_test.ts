import { BufferPool } from "../../../peer/pieces/buffer_pool.ts";
import { SeedSparing } from "../../../peer/downloading/seed_sparing.ts";
import { Download } from "../../../peer/downloading/download.ts";
import type { Peer } from "../../../peer/peers/peer.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { BLOCK_LENGTH, Layout } from "../../../protocol/piece_layout.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { unchokingPeer } from "../../support/peers.ts";
import { seededRandom } from "../../support/random.ts";

interface Asked {
  piece: number;
  begin: number;
  length: number;
}

/** A torrent of `pieces` pieces of four blocks, the last one short by a byte. */
function setUp(pieces: number, limit = 64 << 20) {
  const layout = new Layout(pieces * 4 * BLOCK_LENGTH - 1, 4 * BLOCK_LENGTH);
  const picker = PiecePicker.of(pieces, seededRandom(3));
  picker.addSeed();
  const buffers = new BufferPool(limit);
  const download = new Download(layout, picker, buffers);
  const ask = (peer: Peer, room: number, now = 0): Asked[] => {
    const asked: Asked[] = [];
    download.assign(
      peer,
      room,
      now,
      (piece, begin, length) => asked.push({ piece, begin, length }),
    );
    return asked;
  };
  const deliver = (peer: Peer, { piece, begin, length }: Asked, fill = 1, now = 10) =>
    download.accept(peer, piece, begin, new Uint8Array(length).fill(fill), now);
  return { layout, picker, buffers, download, ask, deliver };
}

Deno.test("a whole piece is asked of one peer, block after block, the last one short", () => {
  const { ask, deliver } = setUp(1);
  const peer = unchokingPeer(1, 1);
  const asked = ask(peer, 10);
  assertEquals(asked.map(({ begin }) => begin / BLOCK_LENGTH), [0, 1, 2, 3]);
  assertEquals(asked[3]!.length, BLOCK_LENGTH - 1);
  const outcomes = asked.map((block) => deliver(peer, block).kind);
  assertEquals(outcomes, ["accepted", "accepted", "accepted", "complete"]);
});

Deno.test("a begun piece is finished by another peer before a new one is begun", () => {
  const { ask } = setUp(3);
  const [first] = ask(unchokingPeer(1, 3), 2);
  const second = ask(unchokingPeer(2, 3), 2);
  assertEquals(second.map(({ piece }) => piece), [first!.piece, first!.piece]);
});

Deno.test("blocks of a peer that goes are asked of the next one", () => {
  const { ask, download } = setUp(1);
  const gone = unchokingPeer(1, 1);
  ask(gone, 4);
  const other = unchokingPeer(2, 1);
  assertEquals(ask(other, 4), []);
  download.releaseAll(gone);
  assertEquals(ask(other, 4).length, 4);
});

Deno.test("blocks that nobody asked for are refused and counted as waste", () => {
  const { download, deliver } = setUp(2);
  const peer = unchokingPeer(1, 2);
  assertEquals(
    deliver(peer, { piece: 0, begin: 0, length: BLOCK_LENGTH }).kind,
    "unrequested",
  );
  assertEquals(deliver(peer, { piece: 9, begin: 7, length: 5 }).kind, "unrequested");
  assertEquals(download.wasted, BLOCK_LENGTH + 5);
});

Deno.test("a block of the wrong length is invalid and asked for again", () => {
  const { ask, deliver } = setUp(1);
  const peer = unchokingPeer(1, 1);
  const [block] = ask(peer, 1);
  assertEquals(deliver(peer, { ...block!, length: 100 }).kind, "invalid");
  assertEquals(ask(peer, 1), [block!]);
});

Deno.test("no more memory is lent than the budget, but never none", () => {
  const piece = 4 * BLOCK_LENGTH;
  const { ask, buffers } = setUp(10, 2 * piece);
  assertEquals(ask(unchokingPeer(1, 10), 100).length, 8);
  assertEquals(buffers.lent, 2 * piece);
  const tiny = setUp(10, 1);
  assertEquals(tiny.ask(unchokingPeer(1, 10), 100).length, 4);
});

Deno.test("a silent peer loses its blocks, and may still deliver them late", () => {
  const { ask, deliver, download } = setUp(1);
  const silent = unchokingPeer(1, 1);
  const blocks = ask(silent, 4);
  assert(!download.giveUpOverdue(silent, 19_000));
  assert(download.giveUpOverdue(silent, 20_000));
  assertEquals(ask(unchokingPeer(2, 1), 4).length, 4);
  assertEquals(deliver(silent, blocks[0]!).kind, "accepted");
});

Deno.test("a block that was given up and came from another is cancelled, once", () => {
  const { ask, deliver, download } = setUp(1);
  const silent = unchokingPeer(1, 1);
  ask(silent, 4);
  assert(download.giveUpOverdue(silent, 20_000));
  const other = unchokingPeer(2, 1);
  const [block] = ask(other, 1);
  const outcome = deliver(other, block!);
  assertEquals([outcome.kind, outcome.again], ["accepted", "of-others"]);
  const cancelled = () => [...download.alsoAsked([silent, other], block!.piece, block!.begin)];
  assertEquals(cancelled(), [silent]);
  assertEquals(cancelled(), []);
});

Deno.test("endgame asks a second peer only where it is clearly faster, and never a third", () => {
  const { ask, download } = setUp(1);
  const slow = unchokingPeer(1, 1);
  slow.down.rate = 10_000;
  ask(slow, 4);
  const slower = unchokingPeer(2, 1);
  slower.down.rate = 2_000;
  const fast = unchokingPeer(3, 1);
  fast.down.rate = 10_000_000;
  const faster = unchokingPeer(4, 1);
  faster.down.rate = 20_000_000;
  const endgame = (peer: Peer) => download.relieve(peer, [slow, slower, fast], 10, 1000, () => {});
  assert(download.isEndgame);
  const told: unknown[] = [];
  download.onRelief = (peer, run) => told.push([peer, run]);
  assertEquals(endgame(slower), 0);
  assertEquals(endgame(fast), 4);
  assertEquals(endgame(faster), 0);
  // Once for all blocks of the piece.
  assertEquals(told, [[fast, { from: slow, piece: 0, how: "double", blocks: 4 }]]);
});

Deno.test("when a doubled block comes, the other peer is told to cancel, once", () => {
  const { ask, deliver, download } = setUp(1);
  const slow = unchokingPeer(1, 1);
  slow.down.rate = 1000;
  const [block] = ask(slow, 4);
  const fast = unchokingPeer(2, 1);
  fast.down.rate = 10_000_000;
  download.relieve(fast, [slow], 10, 1000, () => {});
  assertEquals(deliver(fast, block!).kind, "accepted");
  const cancelled = () => [...download.alsoAsked([slow, fast], block!.piece, block!.begin)];
  assertEquals(cancelled(), [slow]);
  assertEquals(cancelled(), []);
  assertEquals(deliver(slow, block!).kind, "late");
});

Deno.test("the sole sender of a bad piece is the only suspect", () => {
  const { ask, deliver, download } = setUp(1);
  const liar = unchokingPeer(1, 1);
  const last = ask(liar, 4).map((block) => deliver(liar, block)).at(-1)!;
  assert(last.kind === "complete");
  assertEquals(download.failed(last.active), new Set([liar]));
});

Deno.test("of several senders the liar is found by the good copy, down to the block", () => {
  const { ask, deliver, download } = setUp(1);
  const honest = unchokingPeer(1, 1);
  const liar = unchokingPeer(2, 1);
  const first = ask(honest, 2);
  const second = ask(liar, 2);
  first.forEach((block) => deliver(honest, block, 1));
  deliver(liar, second[0]!, 1);
  const bad = deliver(liar, second[1]!, 2);
  assert(bad.kind === "complete");
  assertEquals(download.failed(bad.active).size, 2);

  const third = unchokingPeer(3, 1);
  const again = ask(third, 1);
  assertEquals(ask(honest, 10), [], "a failed piece comes from one peer alone");
  const rest = ask(third, 10);
  const good = [...again, ...rest].map((block) => deliver(third, block, 1)).at(-1)!;
  assert(good.kind === "complete");
  assertEquals([...download.verified(good.active)], [[liar, 3]]);
});

Deno.test("pieces that no connected peer can continue make room for others", () => {
  const piece = 4 * BLOCK_LENGTH;
  const { ask, deliver, buffers, download } = setUp(4, 2 * piece);
  const gone = unchokingPeer(1, 4);
  gone.pieces.delete(3);
  const blocks = ask(gone, 8);
  for (const block of blocks.slice(0, 3)) deliver(gone, block);
  download.releaseAll(gone);
  const other = unchokingPeer(2, 4);
  for (let index = 0; index < 3; index++) other.pieces.delete(index);
  assertEquals(ask(other, 4), []);
  assertEquals(buffers.lent, 2 * piece);
  assert(download.makeRoom([other]));
  assertEquals(ask(other, 4).map(({ piece }) => piece), [3, 3, 3, 3]);
  assert(!download.makeRoom([other]));
});

Deno.test("a peer on parole that loses a block does not keep the piece to itself", () => {
  const { ask, deliver, download } = setUp(1);
  const bad = unchokingPeer(1, 1);
  const done = ask(bad, 4).map((block) => deliver(bad, block)).at(-1)!;
  assert(done.kind === "complete");
  download.failed(done.active);
  const loser = unchokingPeer(2, 1);
  const [first] = ask(loser, 2);
  assertEquals(ask(unchokingPeer(3, 1), 4), []);
  assertEquals(deliver(loser, ask(loser, 1)[0]!).kind, "accepted");
  assert(download.giveUpOverdue(loser, 6_000));
  assertEquals(ask(unchokingPeer(3, 1), 1, 6_000), [first!]);
});

Deno.test("a seed gives a piece that is its alone, though one who downloads has it too", () => {
  const { ask, deliver, download } = setUp(1);
  const seed = unchokingPeer(2, 1);
  seed.countedAsSeed = true;
  seed.amInterested = true;
  const other = unchokingPeer(3, 1);
  other.amInterested = true;
  const liar = unchokingPeer(1, 1);
  const done = ask(liar, 4).map((block) => deliver(liar, block)).at(-1)!;
  assert(done.kind === "complete");
  download.failed(done.active);
  // Its piece, of which it has given half when the other gets the piece, too.
  for (const block of ask(seed, 2)) deliver(seed, block);
  download.company = new SeedSparing({ keys: () => [seed, other] });
  assert(download.company.spares(seed, 0));
  assertEquals([ask(other, 4).length, ask(seed, 4).length], [0, 2]);
});

Deno.test("if many pieces fail, an unproven peer shares none with others", () => {
  const { ask, deliver, download } = setUp(12);
  const liar = unchokingPeer(1, 12);
  for (const outcome of ask(liar, 12).map((block) => deliver(liar, block))) {
    if (outcome.kind === "complete") download.failed(outcome.active);
  }
  const newcomers = [2, 3, 4].map((id) => unchokingPeer(id, 12));
  for (const one of newcomers) one.credit = 4;
  const inTurn = [...newcomers, ...newcomers].flatMap((peer) =>
    ask(peer, 1).map(({ piece }) => ({ peer, piece }))
  );
  const pieces = newcomers.map((one) =>
    new Set(inTurn.filter(({ peer }) => peer === one).map(({ piece }) => piece))
  );
  assertEquals(pieces.map(({ size }) => size), [1, 1, 1], "both blocks are of one piece");
  assertEquals(new Set(pieces.flatMap((own) => [...own])).size, 3, "each has its own");
});

Deno.test("if many pieces fail, pieces left behind still come from the peers that are left", () => {
  const { ask, deliver, download } = setUp(3);
  const liar = unchokingPeer(1, 3);
  for (const outcome of ask(liar, 12).map((block) => deliver(liar, block))) {
    if (outcome.kind === "complete") download.failed(outcome.active);
  }
  const gone = unchokingPeer(2, 3);
  for (const block of ask(gone, 12).filter(({ begin }) => begin === 0)) deliver(gone, block);
  download.releaseAll(gone);
  const newcomer = unchokingPeer(3, 3);
  newcomer.credit = 12;
  assertEquals(ask(newcomer, 12).length, 9);
});

Deno.test("a piece is kept for a peer only as long as it may be asked", () => {
  const { ask, deliver, download } = setUp(1);
  const liar = unchokingPeer(1, 1);
  const done = ask(liar, 4).map((block) => deliver(liar, block)).at(-1)!;
  assert(done.kind === "complete");
  download.failed(done.active);
  const tried = unchokingPeer(2, 1);
  tried.credit = 4;
  deliver(tried, ask(tried, 1)[0]!);
  const other = unchokingPeer(3, 1);
  assertEquals(ask(other, 4), []);
  tried.credit = 0; // its trial is over
  assertEquals(ask(other, 4).length, 3);
});
