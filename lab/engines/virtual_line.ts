/**
 * The uplink of one virtual host: what waits leaves in turn, a parcel of each sender after another.
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
}

/** Bytes in one parcel of a stream: a block with its header. */
export const PARCEL = 16_384 + 13;

/** One line to the network. */
export class VirtualLine {
  #rate: number;
  readonly #time: VirtualTime;
  /** In the order of their turns. */
  readonly #waiting = new Set<Sender>();
  #isBusy = false;

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
    this.#waiting.add(sender);
    this.#run();
  }

  #run(): void {
    while (!this.#isBusy && this.#rate > 0) {
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
      this.#isBusy = true;
      this.#time.after(1000 * parcel.bytes.length / this.#rate, () => {
        this.#isBusy = false;
        parcel.leave();
        this.#run();
      });
    }
  }
}
