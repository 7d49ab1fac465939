/**
 * The uplink of one virtual host: what waits leaves in turn, a parcel of each sender after another. A
 * few bytes of somebody who sends nothing else go between the packets of others, as where packets queue
 * fairly (RFC 8290): a request does not wait for nine blocks to nine others.
 *
 * @module
 */
import type { VirtualTime } from "../virtual/virtual_time.ts";

/** What leaves in one go. */
export interface Parcel {
  readonly bytes: Uint8Array;
  /** Called when its last byte has left. */
  leave(): void;
}

/** One who sends: a connection, or a UDP port. */
export interface Sender {
  /** The next parcel; undefined: nothing waits. */
  take(): Parcel | undefined;
  readonly isWaiting: boolean;
  /** Bytes that wait. */
  readonly waiting: number;
}

/** Bytes in one parcel of a stream: a block with its header. */
export const PARCEL = 16_384 + 13;
/** Most bytes that go between the packets of others: many requests, and no packet of uTP's blocks. */
const FEW = 1000;

/** One line to the network. */
export class VirtualLine {
  #rate: number;
  readonly #time: VirtualTime;
  /** In the order of their turns. */
  readonly #waiting = new Set<Sender>();
  /** Whose parcel is leaving. */
  #busyWith: Sender | undefined;
  /** Bytes that went in between, for which what leaves next is later. */
  #owed = 0;

  /** @param rate bytes per second */
  constructor(rate: number, time: VirtualTime) {
    this.#rate = rate;
    this.#time = time;
  }

  get rate(): number {
    return this.#rate;
  }

  /** What is leaving leaves as before. */
  set rate(rate: number) {
    this.#rate = rate;
    this.#run();
  }

  /** A sender has something. */
  wake(sender: Sender): void {
    if (this.#goesBetween(sender)) {
      const { bytes, leave } = sender.take()!;
      this.#owed += bytes.length;
      leave();
      return;
    }
    this.#waiting.add(sender);
    this.#run();
  }

  #goesBetween(sender: Sender): boolean {
    return this.#rate > 0 && this.#busyWith !== undefined && this.#busyWith !== sender &&
      !this.#waiting.has(sender) && sender.waiting <= FEW;
  }

  #run(): void {
    while (this.#busyWith === undefined && this.#rate > 0) {
      const [sender] = this.#waiting;
      if (sender === undefined) return;
      this.#waiting.delete(sender);
      const parcel = sender.take();
      if (parcel === undefined) continue;
      if (sender.isWaiting) this.#waiting.add(sender);
      if (this.#rate === Infinity) {
        parcel.leave();
        continue;
      }
      this.#busyWith = sender;
      const bytes = parcel.bytes.length + this.#owed;
      this.#owed = 0;
      this.#time.after(1000 * bytes / this.#rate, () => {
        this.#busyWith = undefined;
        parcel.leave();
        this.#run();
      });
    }
  }
}
