/**
 * MTU probe: the packet length of a uTP path (BEP 29): what passes everywhere, and more where a trial
 * came through.
 *
 * @module
 */
import { UTP_HEADER_LENGTH } from "../../protocol/utp_packet.ts";

/** Bytes of an IP packet that every network carries (IPv6 demands it), and of one that most do. */
const SURE = 1280;
const LIKELY = 1400;
/** Trials that may fail, as any packet may get lost. */
const MAX_FAILED = 3;
/** Bytes of the headers around a payload. */
const HEADERS = { 4: 20 + 8 + UTP_HEADER_LENGTH, 6: 40 + 8 + UTP_HEADER_LENGTH } as const;

/**
 * The size of one connection's packets. A packet has a number and is sent again as it was, so that a
 * long one that never arrives would end the connection. What is tried is therefore an ordinary
 * packet with padding, which is sent again without.
 */
export class MtuProbe {
  readonly #sure: number;
  readonly #likely: number;
  #isLong = false;
  #isTrying = false;
  #failed = 0;

  constructor(family: 4 | 6) {
    this.#sure = SURE - HEADERS[family];
    this.#likely = LIKELY - HEADERS[family];
  }

  /** Bytes of payload. */
  get payload(): number {
    return this.#isLong ? this.#likely : this.#sure;
  }

  /** Bytes of padding for the next packet, which is the trial then; 0 for none. */
  padding(): number {
    if (this.#isLong || this.#isTrying || this.#failed >= MAX_FAILED) return 0;
    this.#isTrying = true;
    return this.#likely - this.#sure;
  }

  /** The trial came through. */
  arrived(): void {
    this.#isLong = true;
    this.#isTrying = false;
  }

  /** It did not. */
  failed(): void {
    this.#isTrying = false;
    this.#failed++;
  }

  /** Nothing came for a long time: the way may have changed. */
  timedOut(): void {
    if (!this.#isLong) return;
    this.#isLong = false;
    this.#failed++;
  }
}
