/**
 * The uplink of one virtual peer: one block after the other leaves at its rate, the peers that wait
 * by turns, or by weight where a strategy says so.
 *
 * @module
 */
import {
  type FirstCopies,
  type Peer,
  type PieceTurns,
  placeOf,
  type UploadRequest,
} from "../../peer/lab.ts";
import type { VirtualLink } from "./virtual_link.ts";
import type { VirtualTime } from "./virtual_time.ts";

/**
 * Bytes that the system takes for a connection before it makes us wait: what a real sender before a
 * slow line was seen to have under way.
 */
const SYSTEM_BUFFER = 1 << 17;

/** What waits to be sent, and what is being sent. */
export class Uplink<Other> {
  /** Bytes per second; 0: nothing ever leaves. */
  rate: number;
  /** Bytes that left. */
  total = 0;
  /** Undefined: pieces that nobody else has go to whoever asks. */
  firstCopies: FirstCopies<Peer> | undefined;
  /** Undefined: each turn is one block. */
  pieceTurns: PieceTurns<Peer> | undefined;
  /** How much of the line a peer gets beside others; undefined: all by turns. */
  weightOf: ((peer: Peer) => number) | undefined;
  readonly #time: VirtualTime;
  readonly #onSent: (link: VirtualLink<Other>, request: UploadRequest) => void;
  /** In the order of their turns. */
  readonly #waiting = new Set<VirtualLink<Other>>();
  #sending: VirtualLink<Other> | undefined;
  /** Who had the last block. */
  #last: VirtualLink<Other> | undefined;
  /** Blocks that were being sent before this are nobody's any more. */
  #session = 0;

  /** @param onSent a block has left */
  constructor(
    rate: number,
    time: VirtualTime,
    onSent: (link: VirtualLink<Other>, request: UploadRequest) => void,
  ) {
    this.rate = rate;
    this.#time = time;
    this.#onSent = onSent;
  }

  /** Requests of a peer that are not answered yet. */
  outOf(link: VirtualLink<Other>): number {
    return link.peer.uploads.length + (this.#sending === link ? 1 : 0);
  }

  push(link: VirtualLink<Other>, request: UploadRequest): void {
    // As the upload queue of the engine does it: what is kept waiting was asked for again.
    if (this.firstCopies?.isUnderWay(request.piece) && placeOf(link.peer, request) >= 0) return;
    link.peer.uploads.push(request);
    this.#waiting.add(link);
    this.run();
  }

  /** It does not want a block any more; whether that waited. */
  cancel(link: VirtualLink<Other>, request: UploadRequest): boolean {
    const index = placeOf(link.peer, request);
    if (index < 0) return false;
    link.peer.uploads.splice(index, 1);
    return true;
  }

  /** It is choked, or gone. */
  forget(link: VirtualLink<Other>): void {
    link.peer.uploads.length = 0;
    this.#waiting.delete(link);
    this.firstCopies?.onLeft(link.peer);
  }

  /** Nothing that waits or is being sent leaves. */
  cutOff(): void {
    this.#waiting.clear();
    this.#sending = undefined;
    this.#session++;
  }

  /** A block that left has arrived. */
  arrived(link: VirtualLink<Other>, bytes: number): void {
    const wasFull = link.underWay >= SYSTEM_BUFFER;
    link.underWay -= bytes;
    if (wasFull) this.run();
  }

  /** Sends the next block, where none is being sent. */
  run(): void {
    if (this.#sending !== undefined || this.rate === 0) return;
    const time = this.#time;
    const next = this.#rest(time.now) ?? this.#next(time.now);
    if (next === undefined) return;
    const { link, at } = next;
    const [request] = link.peer.uploads.splice(at, 1) as [UploadRequest];
    this.firstCopies?.onSent(request.piece, link.peer, time.now);
    this.pieceTurns?.onSent(link.peer, request.piece, time.now);
    this.#last = link;
    // Whoever was served goes to the end of the line.
    this.#waiting.delete(link);
    if (link.peer.uploads.length > 0) this.#waiting.add(link);
    this.#sending = link;
    const session = this.#session;
    time.after(1000 * request.length / this.rate, () => {
      if (this.#session !== session) return;
      this.#sending = undefined;
      this.total += request.length;
      link.served += request.length;
      link.peer.up.add(request.length);
      link.underWay += request.length;
      this.#onSent(link, request);
      this.run();
    });
  }

  /** The next block of a piece that somebody just gets, where its turn goes on. */
  #rest(now: number): { link: VirtualLink<Other>; at: number } | undefined {
    const link = this.#last;
    if (this.pieceTurns === undefined || this.weightOf !== undefined) return undefined;
    if (link === undefined) return undefined;
    if (!this.#waiting.has(link) || link.underWay >= SYSTEM_BUFFER) return undefined;
    const at = this.#firstFree(link, now);
    const piece = link.peer.uploads[at]?.piece;
    return piece !== undefined &&
        this.pieceTurns.goesOn(link.peer, piece, this.#waiting.size, now)
      ? { link, at }
      : undefined;
  }

  #next(now: number): { link: VirtualLink<Other>; at: number } | undefined {
    const { weightOf } = this;
    let best: { link: VirtualLink<Other>; at: number } | undefined;
    let least = Infinity;
    for (const link of this.#waiting) {
      if (link.peer.uploads.length === 0) {
        this.#waiting.delete(link);
        continue;
      }
      if (link.underWay >= SYSTEM_BUFFER) continue;
      const at = this.#firstFree(link, now);
      if (at < 0) continue;
      if (weightOf === undefined) return { link, at };
      const due = (link.served + 1) / Math.max(1e-6, weightOf(link.peer));
      if (due < least) [best, least] = [{ link, at }, due];
    }
    return best;
  }

  /** The first request of a peer that it is not kept from; -1 for none. */
  #firstFree({ peer }: VirtualLink<Other>, now: number): number {
    const { firstCopies } = this;
    if (firstCopies === undefined) return 0;
    return peer.uploads.findIndex(({ piece }) => !firstCopies.isHeld(piece, peer, now));
  }
}
