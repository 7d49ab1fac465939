/**
 * Send buffer of a uTP connection: bytes that wait to be sent, and packets under way until they are
 * acknowledged or have to be sent again.
 *
 * @module
 */
import { seqAfter, seqDistance, type UtpPacket } from "../../protocol/utp_packet.ts";

/** Bytes taken from the writer before they are under way. */
const SEND_BUFFER = 1 << 18;
/** Packets under way: far fewer than there are numbers. */
const MAX_SENT = 4000;
/** Packets seen after one that is missing, until that counts as lost. */
const LOST_AFTER = 3;

/** A packet under way. */
export interface Sent {
  bytes: Uint8Array<ArrayBuffer>;
  readonly payload: number;
  /** Bytes of padding: it tries how long a packet may be. */
  padding: number;
  at: number;
  times: number;
  /** It came there, though one before it did not. */
  arrived: boolean;
  /** It has to be sent again. */
  lost: boolean;
}

/** What an acknowledgement told. */
export interface Acknowledged {
  /** Bytes of payload that had not been known to have arrived. */
  readonly bytes: number;
  /** It is about packets of which nothing was known. */
  readonly isNews: boolean;
}

/** The sending half of a connection. */
export class UtpSendBuffer {
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  readonly #sent = new Map<number, Sent>();
  #underWay = 0;
  #lost = 0;
  #lastAck = -1;
  #sameAcks = 0;
  readonly #onArrived: (sent: Sent) => void;

  /** @param onArrived told of each packet when it is known to have arrived */
  constructor(onArrived: (sent: Sent) => void) {
    this.#onArrived = onArrived;
  }

  /** Bytes that wait to be sent. */
  get queued(): number {
    return this.#queued;
  }

  /** Bytes of payload that are neither there nor lost. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether something was sent that is not acknowledged. */
  get isAwaited(): boolean {
    return this.#sent.size > 0;
  }

  get isFull(): boolean {
    return this.#sent.size >= MAX_SENT;
  }

  /** Takes bytes to send, copied; how many. */
  write(bytes: Uint8Array): number {
    const part = bytes.slice(0, Math.max(0, SEND_BUFFER - this.#queued));
    if (part.length === 0) return 0;
    this.#queue.push(part);
    this.#queued += part.length;
    return part.length;
  }

  /** The next bytes to send. */
  take(size: number): Uint8Array {
    this.#queued -= size;
    const first = this.#queue[0]!;
    if (first.length > size) {
      this.#queue[0] = first.subarray(size);
      return first.subarray(0, size);
    }
    if (first.length === size) return this.#queue.shift()!;
    const payload = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const part = this.#queue[0]!.subarray(0, size - at);
      payload.set(part, at);
      at += part.length;
      if (part.length === this.#queue[0]!.length) this.#queue.shift();
      else this.#queue[0] = this.#queue[0]!.subarray(part.length);
    }
    return payload;
  }

  /** A packet with a number of its own goes. */
  sent(
    seqNr: number,
    bytes: Uint8Array<ArrayBuffer>,
    { payload, padding, at }: { payload: number; padding: number; at: number },
  ): void {
    this.#sent.set(seqNr, { bytes, payload, padding, at, times: 1, arrived: false, lost: false });
    this.#underWay += payload;
  }

  /** The first packet that has to be sent again. */
  get lost(): Sent | undefined {
    if (this.#lost === 0) return undefined;
    for (const sent of this.#sent.values()) if (sent.lost) return sent;
    return undefined;
  }

  /** A lost packet goes again. */
  resent(sent: Sent, now: number): void {
    sent.lost = false;
    sent.times++;
    sent.at = now;
    this.#lost--;
    this.#underWay += sent.payload;
  }

  /** What a packet that came says of ours. */
  acknowledge({ ackNr, selectiveAck }: Pick<UtpPacket, "ackNr" | "selectiveAck">): Acknowledged {
    let bytes = 0;
    let isNews = false;
    for (const [seqNr, sent] of this.#sent) {
      if (seqDistance(seqNr, ackNr) > 0) break;
      this.#sent.delete(seqNr);
      bytes += this.#arrived(sent);
      isNews = true;
    }
    for (let i = 0; selectiveAck !== undefined && i < selectiveAck.length * 8; i++) {
      if ((selectiveAck[i >> 3]! & (1 << (i & 7))) === 0) continue;
      const sent = this.#sent.get(seqAfter(ackNr, i + 2));
      if (sent !== undefined) bytes += this.#arrived(sent);
    }
    return { bytes, isNews: isNews || bytes > 0 };
  }

  /**
   * Finds what enough others have overtaken; call it with each packet that came.
   *
   * @param isState whether the packet says nothing but what came
   * @returns the packets that are lost
   */
  overtaken(
    { ackNr, selectiveAck }: Pick<UtpPacket, "ackNr" | "selectiveAck">,
    { isState, now, roundTrip }: { isState: boolean; now: number; roundTrip: number },
  ): Sent[] {
    const isSame = ackNr === this.#lastAck && isState;
    this.#sameAcks = isSame && this.#sent.size > 0 ? this.#sameAcks + 1 : 0;
    this.#lastAck = ackNr;
    if (selectiveAck === undefined && this.#sameAcks < LOST_AFTER) return [];
    let later = 0;
    for (const { arrived } of this.#sent.values()) later += Number(arrived);
    const found: Sent[] = [];
    let isFirst = true;
    for (const sent of this.#sent.values()) {
      if (sent.arrived) {
        later--;
        continue;
      }
      if (later < LOST_AFTER && !(isFirst && this.#sameAcks >= LOST_AFTER)) break;
      isFirst = false;
      // Once in a round trip: what was sent again needs its time, too.
      if (sent.lost || (sent.times > 1 && now - sent.at < roundTrip * 1.5 + 10)) continue;
      this.#markLost(sent);
      found.push(sent);
    }
    if (found.length > 0 || this.#sameAcks >= LOST_AFTER) this.#sameAcks = 0;
    return found;
  }

  /** Nothing came for a long time: everything under way counts as lost. */
  loseAll(): Sent[] {
    const found = [...this.#sent.values()].filter(({ arrived, lost }) => !arrived && !lost);
    for (const sent of found) this.#markLost(sent);
    return found;
  }

  clear(): void {
    this.#sent.clear();
    this.#queue.length = 0;
    this.#queued = 0;
    this.#underWay = 0;
    this.#lost = 0;
  }

  #markLost(sent: Sent): void {
    sent.lost = true;
    this.#lost++;
    this.#underWay -= sent.payload;
  }

  /** How many bytes of it had not been known to have arrived. */
  #arrived(sent: Sent): number {
    if (sent.arrived) return 0;
    sent.arrived = true;
    if (sent.lost) this.#lost--;
    else this.#underWay -= sent.payload;
    sent.lost = false;
    this.#onArrived(sent);
    return sent.payload;
  }
}
