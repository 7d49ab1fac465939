import fc from "fast-check";
import { Peer } from "../../../peer/peers/peer.ts";
import { ToldPieces } from "../../../peer/peers/told_pieces.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/piece_layout.ts";
import type { Steps } from "../../../protocol/steps.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

/** Enough to be counted with pauses: a few steps of it. */
const PIECES = 20_000;

function peerOf(port: number): Peer {
  return new Peer({
    host: "127.0.0.1",
    port,
    peerId: new Uint8Array(20),
    source: "manual",
    incoming: false,
    fast: true,
    extended: true,
    client: "test",
    pieceCount: PIECES,
    now: 0,
  });
}

/** Work that is under way, a step of which is done when a test says so. */
class Loop {
  readonly #work: Steps<void>[] = [];
  readonly later = (steps: Steps<void>): void => void this.#work.push(steps);

  /** A step of what has waited longest; false where nothing is left to do. */
  step(): boolean {
    const next = this.#work.shift();
    if (next === undefined) return false;
    if (!next.next().done) this.#work.push(next);
    return true;
  }
}

Deno.test("whatever peers say while they are counted, in the end each piece is counted right", () => {
  const action = fc.record({
    peer: fc.nat(3),
    what: fc.constantFrom(
      "begin",
      "full",
      "again",
      "gain",
      "lose",
      "leave",
      "step",
      "step",
      "step",
    ),
    piece: fc.nat(PIECES - 1),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), fc.nat(), (actions, seed) => {
      const random = seededRandom(seed + 1);
      const picker = PiecePicker.of(PIECES, random);
      const loop = new Loop();
      const layout = new Layout(PIECES, 1);
      const told = new ToldPieces({ picker, layout, later: loop.later });
      const peers = new Map<number, Peer>();
      for (const { peer: port, what, piece } of actions) {
        const peer = peers.get(port) ?? peerOf(port);
        peers.set(port, peer);
        if (what === "step") loop.step();
        else if (what === "gain") told.gain(peer, piece);
        else if (what === "lose") told.lose(peer, piece);
        else if (what === "leave") {
          told.leave(peer);
          peers.delete(port);
        } else if (what === "again" && peer.announcedPieces) {
          const pieces = new Bitfield(PIECES);
          for (let i = 0; i < 200; i++) pieces.add(Math.floor(random() * PIECES));
          told.again(peer, pieces);
        } else if (!peer.announcedPieces && peer.pieces.count === 0) {
          const pieces = what === "full" ? Bitfield.full(PIECES) : new Bitfield(PIECES);
          for (let i = 0; i < 200 && what === "begin"; i++) {
            pieces.add(Math.floor(random() * PIECES));
          }
          told.begin(peer, pieces);
        }
      }
      while (loop.step());
      for (let piece = 0; piece < PIECES; piece++) {
        let copies = 0;
        for (const { pieces } of peers.values()) copies += Number(pieces.has(piece));
        assert(picker.availability(piece) === copies, `piece ${piece}`);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a bitfield of many pieces is counted with pauses, one of few at once", () => {
  const picker = PiecePicker.of(PIECES, Math.random);
  const loop = new Loop();
  const told = new ToldPieces({ picker, layout: new Layout(PIECES, 1), later: loop.later });
  const pieces = Bitfield.full(PIECES);
  pieces.delete(5);
  told.begin(peerOf(1), pieces);
  assertEquals([picker.availability(0), picker.availability(PIECES - 1)], [0, 0]);
  let steps = 0;
  while (loop.step()) steps++;
  assert(steps >= 4, `${steps} steps`);
  assertEquals([picker.availability(0), picker.availability(PIECES - 1)], [1, 1]);
});

Deno.test("who lacks nothing but padding has everything, which is looked for once", () => {
  // Every other piece is padding alone.
  const zeros = Array.from({ length: PIECES / 2 }, (_, i) => 2 * i);
  const padding = { contentSizes: new Map(zeros.map((piece) => [piece, 1])), isGap: false };
  const layout = new Layout(PIECES, 1, { ...padding, pieces: zeros });
  let looks = 0;
  const counted = {
    contentLacking: (have: Bitfield) => layout.contentLacking(have),
    isPadding: (piece: number) => layout.isPadding(piece),
    paddingLeft: (have: Bitfield) => {
      looks++;
      return layout.paddingLeft(have);
    },
  };
  const picker = PiecePicker.of(PIECES, seededRandom(1));
  const loop = new Loop();
  const told = new ToldPieces({ picker, layout: counted, later: loop.later });
  const peer = peerOf(1);
  // As many pieces as there are others, but these are padding.
  for (const piece of zeros.slice(0, 5000)) told.gain(peer, piece);
  assertEquals(looks, 0);
  for (let piece = 1; piece < PIECES - 1; piece += 2) told.gain(peer, piece);
  told.lose(peer, 1);
  told.gain(peer, PIECES - 1);
  assertEquals([looks, peer.pieces.isFull], [0, false]);
  told.gain(peer, 1);
  assert(peer.pieces.isFull);
  while (loop.step());
  for (let piece = 0; piece < PIECES; piece++) assertEquals(picker.availability(piece), 1);
});
