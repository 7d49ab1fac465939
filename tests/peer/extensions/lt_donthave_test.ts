import { losePiece } from "../../../peer/extensions/lt_donthave.ts";
import { Peer } from "../../../peer/peers/peer.ts";
import { ToldPieces } from "../../../peer/peers/told_pieces.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { Layout } from "../../../protocol/piece_layout.ts";
import { atOnce } from "../../../protocol/steps.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

function peerOf(pieceCount: number): Peer {
  return new Peer({
    host: "127.0.0.1",
    port: 1,
    peerId: new Uint8Array(20),
    source: "manual",
    incoming: false,
    fast: true,
    extended: true,
    client: "test",
    pieceCount,
    now: 0,
  });
}

const piece = (index: number) => Uint8Array.of(0, 0, 0, index);

const NO_PADDING = new Layout(4, 1);

Deno.test("a piece that a peer lost is no longer counted, whether it was a seed or not (BEP 54)", () => {
  for (const isSeed of [true, false]) {
    const picker = PiecePicker.of(4, () => 0.5);
    const told = new ToldPieces({ picker, layout: NO_PADDING, later: atOnce });
    const peer = peerOf(4);
    if (isSeed) told.begin(peer, Bitfield.full(4));
    else for (let index = 0; index < 4; index++) told.gain(peer, index);
    for (let twice = 0; twice < 2; twice++) losePiece(peer, piece(2), told);
    assertEquals([0, 1, 2, 3].map((index) => picker.availability(index)), [1, 1, 0, 1]);
    assertEquals([peer.isSeed, peer.countedAsSeed], [false, false]);
    told.leave(peer);
    assertEquals([0, 1, 2, 3].map((index) => picker.availability(index)), [0, 0, 0, 0]);
  }
});

Deno.test("losing what does not exist is against the protocol", () => {
  const nobody = {
    lose() {
      throw new Error("it was lost all the same");
    },
  };
  assertThrows(() => losePiece(peerOf(4), piece(4), nobody), Error, "past the end");
  assertThrows(() => losePiece(peerOf(4), new Uint8Array(3), nobody), Error, "names no piece");
});
