/**
 * Receive buffer of a uTP connection: puts packets in order, keeps them for the reader,
 * acknowledges them.
 *
 * @module
 */
import { seqAfter, seqDistance } from "../../protocol/utp_packet.ts";

/** Bytes kept for the reader. */
export const RECEIVE_BUFFER = 1 << 20;
/** Packets kept that came too early. */
const MAX_EARLY = 1024;
/** Bytes of a selective acknowledgement: it reaches as far as packets are kept. */
const MAX_ACK = MAX_EARLY / 8;

/** The receiving half of a connection. */
export class UtpReceiveBuffer {
  /** The last packet that came in order. */
  ackNr: number;
  readonly #early = new Map<number, Uint8Array>();
  readonly #ready: Uint8Array[] = [];
  #readable = 0;
  #earlyBytes = 0;
  #longest = 0;
  #finNr: number | undefined;
  #ended = false;

  constructor(ackNr: number) {
    this.ackNr = ackNr;
  }

  /** Bytes of payload of the longest packet so far. */
  get longest(): number {
    return this.#longest;
  }

  /** Everything came, and there will be no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether packets are missing before others that came. */
  get hasGaps(): boolean {
    return this.#early.size > 0;
  }

  /** Bytes there is room for. */
  get room(): number {
    return Math.max(0, RECEIVE_BUFFER - this.#readable - this.#earlyBytes);
  }

  /** A packet came, with the payload as a view; whether it was the next in order. */
  add(seqNr: number, payload: Uint8Array, isFin: boolean): boolean {
    const ahead = seqDistance(seqNr, this.ackNr);
    if (isFin) this.#finNr ??= seqNr;
    // Known already, or no room: it comes again.
    if (ahead <= 0 || ahead > MAX_EARLY || payload.length > this.room) return false;
    if (ahead > 1) {
      if (!this.#early.has(seqNr)) {
        this.#early.set(seqNr, payload.slice());
        this.#earlyBytes += payload.length;
      }
      return false;
    }
    this.#longest = Math.max(this.#longest, payload.length);
    this.#take(seqNr, payload.slice());
    for (let next; (next = this.#early.get(seqAfter(this.ackNr))) !== undefined;) {
      this.#early.delete(seqAfter(this.ackNr));
      this.#earlyBytes -= next.length;
      this.#take(seqAfter(this.ackNr), next);
    }
    return true;
  }

  /** Takes bytes out; how many. */
  read(into: Uint8Array): number {
    let count = 0;
    while (count < into.length && this.#ready.length > 0) {
      const first = this.#ready[0]!;
      const part = first.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
      if (part.length === first.length) this.#ready.shift();
      else this.#ready[0] = first.subarray(part.length);
    }
    this.#readable -= count;
    return count;
  }

  /** A bit for each packet from `ackNr + 2` on; undefined where none came early. */
  selectiveAck(): Uint8Array | undefined {
    if (this.#early.size === 0) return undefined;
    let last = 0;
    for (const seqNr of this.#early.keys()) last = Math.max(last, seqDistance(seqNr, this.ackNr));
    const bits = new Uint8Array(Math.min(MAX_ACK, Math.ceil((last - 1) / 32) * 4));
    for (const seqNr of this.#early.keys()) {
      const bit = seqDistance(seqNr, this.ackNr) - 2;
      if (bit >> 3 < bits.length) bits[bit >> 3]! |= 1 << (bit & 7);
    }
    return bits;
  }

  #take(seqNr: number, payload: Uint8Array): void {
    this.ackNr = seqNr;
    if (seqNr === this.#finNr) this.#ended = true;
    if (payload.length === 0 || this.#ended) return;
    this.#ready.push(payload);
    this.#readable += payload.length;
  }
}
