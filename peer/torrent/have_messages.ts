/**
 * HAVE messages: tell peers of the pieces that we got, and of those that we lost.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { MessageWriter } from "../../protocol/message_writer.ts";
import type { Connection } from "../connections/connection.ts";
import type { UploadQueue } from "../uploading/upload_queue.ts";
import { lostPiece } from "../extensions/lt_donthave.ts";
import type { Peer } from "../peers/peer.ts";

/**
 * Nobody is given these pieces any more, and everybody hears of it: those who speak `lt_donthave`
 * (BEP 54) by that, others see by a new connection what there is.
 */
export function tellLost(
  connections: Iterable<readonly [Peer, Connection]>,
  uploads: UploadQueue,
  pieces: ReadonlySet<number>,
): void {
  for (const [peer, connection] of [...connections]) {
    uploads.refuse(peer, connection.writer, pieces);
    const id = peer.extensions["lt_donthave"] ?? 0;
    if (id === 0) connection.close("pieces were lost: a new connection announces what is left");
    else for (const piece of pieces) connection.writer.extended(id, lostPiece(piece));
  }
}

/** Says what we have: all that there is to say to a peer of which nothing is known yet. */
export function sayPieces(
  peer: Peer,
  writer: MessageWriter,
  have: Bitfield,
  isHiding: boolean,
): void {
  if (peer.wasGreeted) {
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece) && !isHiding) writer.have(piece);
    }
  } else if (peer.fast && (isHiding || have.count === 0)) writer.haveNone();
  else if (peer.fast && have.isFull) writer.haveAll();
  else if (!isHiding && have.count > 0) writer.bitfield(have.bytes);
}
