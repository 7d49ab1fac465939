import { ActivePiece } from "../../../peer/pieces/active_piece.ts";
import type { Peer } from "../../../peer/peers/peer.ts";
import { FailedPieces } from "../../../peer/downloading/failed_pieces.ts";
import { BLOCK_LENGTH } from "../../../protocol/piece_layout.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { unchokingPeer } from "../../support/peers.ts";

/** A piece of `blocks` blocks that came from these in turn. */
function pieceOf(piece: number, blocks: number, senders: readonly Peer[]): ActivePiece<Peer> {
  const active = new ActivePiece<Peer>(piece, new Uint8Array(blocks * BLOCK_LENGTH));
  for (let block = 0; block < blocks; block++) {
    active.reserve();
    const bytes = new Uint8Array(BLOCK_LENGTH).fill(block);
    active.accept(block * BLOCK_LENGTH, bytes, senders[block % senders.length]!);
  }
  return active;
}

Deno.test("pieces that failed repeatedly are kept within 64 MiB, the newest last", () => {
  const smartBan = new FailedPieces();
  const [one, other] = [unchokingPeer(1, 9), unchokingPeer(2, 9)];
  const blocks = (16 << 20) / BLOCK_LENGTH;
  for (let attempt = 0; attempt < 9; attempt++) {
    smartBan.failed(pieceOf(attempt % 2, blocks, [one, other]));
  }
  const kept = [0, 1].flatMap((piece) => smartBan.attempts(piece));
  assertEquals(kept.length, 4);
  assert(smartBan.has(0) && smartBan.has(1));
});

Deno.test("of a piece from one sender alone nothing is kept but that it failed", () => {
  const smartBan = new FailedPieces();
  smartBan.failed(pieceOf(3, 2, [unchokingPeer(1, 9)]));
  assertEquals([smartBan.has(3), smartBan.attempts(3)], [true, []]);
});
