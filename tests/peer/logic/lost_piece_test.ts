import { losePiece } from "../../../peer/logic/lost_piece.ts";
import { Peer } from "../../../peer/logic/peer.ts";
import { PiecePicker } from "../../../peer/logic/piece_picker.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
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

Deno.test("a piece that a peer lost is no longer counted, whether it was a seed or not (BEP 54)", () => {
  for (const isSeed of [true, false]) {
    const picker = PiecePicker.of(4, () => 0.5);
    const peer = peerOf(4);
    peer.pieces = Bitfield.full(4);
    peer.countedAsSeed = isSeed;
    if (isSeed) picker.addSeed();
    else picker.addPeer(peer.pieces);
    for (let twice = 0; twice < 2; twice++) losePiece(peer, piece(2), picker);
    assertEquals([0, 1, 2, 3].map((index) => picker.availability(index)), [1, 1, 0, 1]);
    assertEquals([peer.isSeed, peer.countedAsSeed], [false, false]);
    picker.removePeer(peer.pieces);
    assertEquals([0, 1, 2, 3].map((index) => picker.availability(index)), [0, 0, 0, 0]);
  }
});

Deno.test("losing what does not exist is against the protocol", () => {
  const picker = PiecePicker.of(4, () => 0.5);
  assertThrows(() => losePiece(peerOf(4), piece(4), picker), Error, "past the end");
  assertThrows(() => losePiece(peerOf(4), new Uint8Array(3), picker), Error, "number");
});
