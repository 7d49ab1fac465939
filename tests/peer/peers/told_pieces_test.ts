import fc from "fast-check";
import { Peer } from "../../../peer/peers/peer.ts";
import { ToldPieces } from "../../../peer/peers/told_pieces.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
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
      const layout = { paddingLeft: () => [] };
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
  const told = new ToldPieces({ picker, layout: { paddingLeft: () => [] }, later: loop.later });
  const pieces = Bitfield.full(PIECES);
  pieces.delete(5);
  told.begin(peerOf(1), pieces);
  assertEquals([picker.availability(0), picker.availability(PIECES - 1)], [0, 0]);
  let steps = 0;
  while (loop.step()) steps++;
  assert(steps >= 4, `${steps} steps`);
  assertEquals([picker.availability(0), picker.availability(PIECES - 1)], [1, 1]);
});
