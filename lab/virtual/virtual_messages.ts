/**
 * Messages of virtual peers, and who hears each where it arrives.
 *
 * What is said goes through the clock as one of these functions, with the end of the connection at which
 * it arrives and what it says. A function made for each message would be most of what is made, and what
 * is said to many at once would be as many steps.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { UploadRequest } from "../../peer/lab.ts";
import type { Link, Message } from "./virtual_member.ts";

/** A block of a request. */
export interface SentBlock {
  readonly request: UploadRequest;
  readonly isWrong: boolean;
  /** It was kept back before it went to the system. */
  readonly isLate: boolean;
}

/** A peer lets another ask, or no longer does. */
export interface Choke {
  readonly choke: boolean;
  /** What it will not give of what it was asked for (BEP 6); undefined: it says nothing of that. */
  readonly refused: readonly UploadRequest[] | undefined;
}

export const PIECES: Message<Bitfield> = message((at, pieces) =>
  at.owner.downloading.onPieces(at, pieces)
);
export const HAVE: Message<number> = message((at, piece) => at.owner.downloading.onHave(at, piece));
export const INTEREST: Message<boolean> = message((at, interested) =>
  at.owner.uploading.onInterest(at.peer, interested)
);
export const CHOKE: Message<Choke> = message((at, { choke, refused }) =>
  at.owner.downloading.onChoke(at, choke, refused)
);
export const REQUEST: Message<UploadRequest> = message((at, request) =>
  at.owner.uploading.onRequest(at, request)
);
export const CANCEL: Message<UploadRequest> = message((at, request) =>
  at.owner.uploading.onCancel(at, request, false)
);
/** A cancel whose sender wants to hear that the block will not come (BEP 6). */
export const WITHDRAW: Message<UploadRequest> = message((at, request) =>
  at.owner.uploading.onCancel(at, request, true)
);
export const REJECT: Message<UploadRequest> = message((at, { piece, begin }) =>
  at.owner.downloading.onReject(at, piece, begin)
);
export const BLOCK: Message<SentBlock> = message((at, { request, isWrong, isLate }) => {
  if (!isLate) at.far.owner.uploading.onArrived(at.far, request.length);
  at.owner.downloading.onBlock(at, request, isWrong);
});

/**
 * The word that a peer has a piece, which all hear at the same time. It is most of what is ever said: each
 * walk touches a little of each who hears it, so that the machine fetches that of the next meanwhile.
 */
export function hearHave(ends: Link[], piece: number): void {
  // To whom it is news.
  let count = 0;
  for (const at of ends) {
    if (at.owner.connections.isPaused) HAVE(at, piece);
    else if (!at.isOver && at.gained(piece)) ends[count++] = at;
  }
  ends.length = count;
  for (const at of ends) at.owner.downloading.picker.onHave(piece);
  for (const at of ends) at.owner.downloading.onGained(at, piece);
}

/** What reaches a peer that stands still is heard when it goes on, unless they parted meanwhile. */
function message<What>(hear: Message<What>): Message<What> {
  const arrive = (at: Link, what: What): void => {
    if (at.isOver) return;
    const { connections } = at.owner;
    if (connections.isPaused) connections.wait(() => arrive(at, what));
    else hear(at, what);
  };
  return arrive;
}
