/**
 * One uTP connection (BEP 29): a stream of bytes over packets that may get lost, double or overtake
 * each other. Packets in, packets out; the clock is passed in.
 *
 * @module
 */
import {
  encodeUtp,
  refreshUtp,
  seqAfter,
  seqDistance,
  UTP_HEADER_LENGTH,
  type UtpHeader,
  type UtpPacket,
  UtpType,
} from "../../protocol/utp_packet.ts";
import { Ledbat } from "./ledbat.ts";
import { RECEIVE_BUFFER, UtpInbox } from "./utp_inbox.ts";

/** Bytes of payload in a packet: with all headers it fits through a tunnel of 1400 bytes. */
export const UTP_PAYLOAD = 1350;
/** Bytes taken from the writer before they are under way. */
const SEND_BUFFER = 1 << 18;
/** Packets under way: far fewer than there are numbers. */
const MAX_SENT = 4000;
/** ms until an answer is missed: at first, and at least. */
const FIRST_TIMEOUT = 1000;
const MIN_TIMEOUT = 500;
const MAX_TIMEOUT = 15_000;
/** Times that nothing comes before it is given up; sooner while connecting. */
const MAX_TIMEOUTS = 7;
const MAX_SYNS = 2;
/** ms that who called has to show that it hears us: anybody can send a SYN in another's name. */
const PROOF_MS = 5000;
/** Packets seen after one that is missing, until that counts as lost. */
const LOST_AFTER = 3;
/** ms that an acknowledgement may wait for company. */
const ACK_DELAY = 20;

/** A packet under way. */
interface Sent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly payload: number;
  at: number;
  times: number;
  /** It came there, though one before it did not. */
  arrived: boolean;
  /** It has to be sent again. */
  lost: boolean;
}

export type UtpState = "connecting" | "connected" | "closing" | "closed";

/** Why a connection ended other than by its end. */
export type UtpFailure = "timed out" | "reset";

/** How a connection is made. Numbers of 16 bits. */
export interface UtpStart {
  /** Set: it was called with this SYN. */
  readonly syn?: UtpPacket;
  /** Our ID (of the caller; who is called takes the caller's) and first sequence number. */
  readonly random: number;
  readonly now: number;
  /** Sends a packet; it may be sent again later, changed. */
  send(packet: Uint8Array<ArrayBuffer>): void;
}

/** The stream. Ask `read`, `write` and `state` again after anything was done with it. */
export class UtpConnection {
  /** The ID in packets for us. */
  readonly receiveId: number;
  readonly #sendId: number;
  readonly #out: UtpStart["send"];
  readonly #ledbat = new Ledbat(UTP_PAYLOAD);
  #state: UtpState;
  #failure: UtpFailure | undefined;
  /** Until when who called has to show that it hears us; undefined once it has. */
  #proveBy: number | undefined;

  // What goes.
  #seqNr: number;
  readonly #sent = new Map<number, Sent>();
  /** Bytes of payload that are neither there nor lost. */
  #underWay = 0;
  #lost = 0;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #finWanted = false;
  #finSent = false;
  #theirWindow = UTP_PAYLOAD;
  #lastAck = -1;
  #sameAcks = 0;

  // What comes.
  readonly #inbox: UtpInbox;
  #unacked = 0;
  #ackDue = Infinity;
  #toldWindow = RECEIVE_BUFFER;
  #theirDelay = 0;

  // Time.
  #roundTrip = 0;
  #variance = 0;
  #timeout = FIRST_TIMEOUT;
  #timeouts = 0;
  #due: number;

  constructor({ syn, random, now, send }: UtpStart) {
    this.#out = send;
    this.#due = now + FIRST_TIMEOUT;
    if (syn === undefined) {
      this.receiveId = random;
      this.#sendId = seqAfter(random);
      this.#seqNr = 1;
      this.#inbox = new UtpInbox(0, UTP_PAYLOAD);
      this.#state = "connecting";
      this.#sendPacket(UtpType.syn, undefined, now);
    } else {
      this.receiveId = seqAfter(syn.connectionId);
      this.#sendId = syn.connectionId;
      this.#seqNr = random;
      this.#inbox = new UtpInbox(syn.seqNr, UTP_PAYLOAD);
      this.#theirWindow = syn.windowSize;
      this.#state = "connected";
      this.#proveBy = now + PROOF_MS;
      this.#noteDelay(syn, now);
      this.#acknowledge(now);
    }
  }

  get state(): UtpState {
    return this.#state;
  }

  /** Whether the other end is where it says: it knows a number that was sent there. */
  get isProven(): boolean {
    return this.#proveBy === undefined && this.#state !== "connecting";
  }

  get failure(): UtpFailure | undefined {
    return this.#failure;
  }

  /** Smoothed ms to the other end and back. */
  get roundTrip(): number {
    return this.#roundTrip;
  }

  /** Takes bytes that came; 0 where there are none yet, null at the end. */
  read(into: Uint8Array, now: number): number | null {
    const count = this.#inbox.read(into);
    // It may have stopped because there was no room for more.
    if (this.#toldWindow < RECEIVE_BUFFER / 4 && this.#inbox.room >= RECEIVE_BUFFER / 2) {
      this.#acknowledge(now);
    }
    if (count > 0 || into.length === 0) return count;
    return this.#inbox.ended || this.#state === "closed" ? null : 0;
  }

  /** Takes bytes to send, copied; how many: 0 while too much waits. */
  write(bytes: Uint8Array, now: number): number {
    if (this.#state !== "connected") return 0;
    const part = bytes.slice(0, Math.max(0, SEND_BUFFER - this.#queued));
    if (part.length === 0) return 0;
    this.#queue.push(part);
    this.#queued += part.length;
    this.#pump(now);
    return part.length;
  }

  /** No more will be written. What was is still sent. */
  close(now: number): void {
    if (this.#state === "connecting") return this.#end(undefined);
    if (this.#state !== "connected") return;
    this.#state = "closing";
    this.#finWanted = true;
    this.#pump(now);
  }

  /** A packet came for this connection. */
  receive(packet: UtpPacket, now: number): void {
    if (this.#state === "closed") return;
    if (packet.type === UtpType.reset) return this.#end("reset");
    if (this.#proveBy !== undefined && packet.type !== UtpType.syn) {
      if (packet.ackNr !== seqAfter(this.#seqNr, -1)) return;
      this.#proveBy = undefined;
    }
    this.#timeouts = 0;
    this.#noteDelay(packet, now);
    if (packet.type === UtpType.syn) return this.#acknowledge(now); // our answer was lost
    // An acknowledgement of what was never sent is somebody else's.
    if (seqDistance(packet.ackNr, seqAfter(this.#seqNr, -1)) > 0) return;
    if (this.#state === "connecting") {
      if (packet.type !== UtpType.state) return;
      this.#state = "connected";
      this.#inbox.ackNr = seqAfter(packet.seqNr, -1);
    }
    this.#theirWindow = packet.windowSize;
    this.#onAck(packet, now);
    if (packet.type === UtpType.data || packet.type === UtpType.fin) this.#onData(packet, now);
    this.#pump(now);
    if (this.#finSent && this.#sent.size === 0) this.#end(undefined);
  }

  /** Time has passed: to be called every few ten ms. */
  tick(now: number): void {
    if (this.#state === "closed") return;
    if (this.#proveBy !== undefined && now > this.#proveBy) return this.#end("timed out");
    if (now >= this.#ackDue) this.#acknowledge(now);
    if (now < this.#due) return;
    // A window that was closed and whose opening got lost is asked after in the same way.
    if (this.#sent.size === 0 && this.#queued === 0) {
      this.#due = now + this.#timeout;
      return;
    }
    this.#timeouts++;
    if (this.#timeouts > (this.#state === "connecting" ? MAX_SYNS : MAX_TIMEOUTS)) {
      return this.#end("timed out");
    }
    this.#timeout = Math.min(MAX_TIMEOUT, this.#timeout * 2);
    this.#due = now + this.#timeout;
    this.#ledbat.timedOut(now);
    this.#theirWindow = Math.max(this.#theirWindow, UTP_PAYLOAD);
    for (const sent of this.#sent.values()) if (!sent.arrived) this.#markLost(sent);
    this.#pump(now);
  }

  // What goes.

  #pump(now: number): void {
    if (this.#lost > 0 && !this.#repair(now)) return;
    while (this.#queued > 0) {
      const size = Math.min(UTP_PAYLOAD, this.#queued);
      if (!this.#fits(size) || this.#theirWindow < size || this.#sent.size >= MAX_SENT) return;
      this.#sendPacket(UtpType.data, this.#dequeue(size), now);
    }
    if (this.#finWanted && !this.#finSent) {
      this.#finSent = true;
      this.#sendPacket(UtpType.fin, undefined, now);
    }
  }

  /** Sends lost packets again as far as the window goes; whether that was all. */
  #repair(now: number): boolean {
    for (const sent of this.#sent.values()) {
      if (!sent.lost) continue;
      if (!this.#fits(sent.payload)) return false;
      sent.lost = false;
      this.#lost--;
      this.#underWay += sent.payload;
      sent.times++;
      sent.at = now;
      refreshUtp(sent.bytes, this.#header(UtpType.data, now));
      this.#out(sent.bytes);
    }
    return true;
  }

  #fits(size: number): boolean {
    const window = Math.min(this.#ledbat.window, this.#theirWindow);
    return this.#underWay === 0 || this.#underWay + size <= window;
  }

  #markLost(sent: Sent): void {
    if (sent.lost) return;
    sent.lost = true;
    this.#lost++;
    this.#underWay -= sent.payload;
  }

  #dequeue(size: number): Uint8Array {
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

  /** Sends something that counts: it has a number of its own and is sent until it is acknowledged. */
  #sendPacket(type: UtpType, payload: Uint8Array | undefined, now: number): void {
    const bytes = encodeUtp(
      this.#header(type, now),
      payload === undefined ? {} : { payload },
    );
    const length = payload?.length ?? 0;
    if (this.#sent.size === 0) this.#due = now + this.#timeout;
    this.#sent.set(this.#seqNr, {
      bytes,
      payload: length,
      at: now,
      times: 1,
      arrived: false,
      lost: false,
    });
    this.#seqNr = seqAfter(this.#seqNr);
    this.#underWay += length;
    this.#acked();
    this.#out(bytes);
  }

  #onAck(packet: UtpPacket, now: number): void {
    const { ackNr, selectiveAck } = packet;
    const wasFull = this.#underWay + UTP_PAYLOAD > this.#ledbat.window;
    let arrived = 0;
    let isNews = false;
    for (const [seqNr, sent] of this.#sent) {
      if (seqDistance(seqNr, ackNr) > 0) break;
      this.#sent.delete(seqNr);
      arrived += this.#arrived(sent, now);
      isNews = true;
    }
    if (selectiveAck !== undefined) arrived += this.#onSelectiveAck(ackNr, selectiveAck, now);
    if (arrived > 0) {
      this.#ledbat.acked(arrived, packet.timestampDifference, now, wasFull);
    }
    if (isNews || arrived > 0) {
      this.#timeout = this.#roundTrip === 0
        ? FIRST_TIMEOUT
        : Math.max(MIN_TIMEOUT, this.#roundTrip + 4 * this.#variance);
      this.#due = now + this.#timeout;
    }
    const isSame = ackNr === this.#lastAck && packet.type === UtpType.state;
    this.#sameAcks = isSame && this.#sent.size > 0 ? this.#sameAcks + 1 : 0;
    this.#lastAck = ackNr;
    if (selectiveAck !== undefined || this.#sameAcks >= LOST_AFTER) this.#findLost(now);
  }

  /** How many bytes of it had not been known to have arrived. */
  #arrived(sent: Sent, now: number): number {
    if (sent.arrived) return 0;
    sent.arrived = true;
    if (sent.lost) this.#lost--;
    else this.#underWay -= sent.payload;
    sent.lost = false;
    // Of one that was sent twice nobody knows which one is answered.
    if (sent.times === 1) this.#noteRoundTrip(now - sent.at);
    return sent.payload;
  }

  #onSelectiveAck(ackNr: number, bits: Uint8Array, now: number): number {
    let arrived = 0;
    for (let i = 0; i < bits.length * 8; i++) {
      if ((bits[i >> 3]! & (1 << (i & 7))) === 0) continue;
      const sent = this.#sent.get(seqAfter(ackNr, i + 2));
      if (sent !== undefined) arrived += this.#arrived(sent, now);
    }
    return arrived;
  }

  /** What enough others have overtaken is lost. */
  #findLost(now: number): void {
    let later = 0;
    for (const { arrived } of this.#sent.values()) later += Number(arrived);
    let isFirst = true;
    for (const sent of this.#sent.values()) {
      if (sent.arrived) {
        later--;
        continue;
      }
      if (later < LOST_AFTER && !(isFirst && this.#sameAcks >= LOST_AFTER)) break;
      isFirst = false;
      // Once in a round trip: what was sent again needs its time, too.
      if (sent.lost || (sent.times > 1 && now - sent.at < this.#roundTrip * 1.5 + 10)) continue;
      this.#markLost(sent);
      this.#ledbat.lost(now, this.#roundTrip);
    }
    this.#sameAcks = 0;
  }

  // What comes.

  #onData({ seqNr, payload, type }: UtpPacket, now: number): void {
    if (!this.#inbox.add(seqNr, payload, type === UtpType.fin)) return this.#acknowledge(now);
    this.#unacked++;
    const isLastOfBurst = payload.length < UTP_PAYLOAD;
    if (this.#unacked >= 2 || isLastOfBurst || this.#inbox.hasGaps || this.#inbox.ended) {
      this.#acknowledge(now);
    } else this.#ackDue = Math.min(this.#ackDue, now + ACK_DELAY);
  }

  #acknowledge(now: number): void {
    const selectiveAck = this.#inbox.selectiveAck();
    const header = this.#header(UtpType.state, now);
    this.#acked();
    this.#out(encodeUtp(header, { selectiveAck }));
  }

  #acked(): void {
    this.#unacked = 0;
    this.#ackDue = Infinity;
    this.#toldWindow = this.#inbox.room;
  }

  // Both.

  #header(type: UtpType, now: number): UtpHeader {
    return {
      type,
      connectionId: type === UtpType.syn ? this.receiveId : this.#sendId,
      timestamp: micros(now),
      timestampDifference: this.#theirDelay,
      windowSize: this.#inbox.room,
      seqNr: this.#seqNr,
      ackNr: this.#inbox.ackNr,
    };
  }

  #noteDelay({ timestamp }: UtpHeader, now: number): void {
    this.#theirDelay = (micros(now) - timestamp) >>> 0;
  }

  #noteRoundTrip(took: number): void {
    if (this.#roundTrip === 0) {
      this.#roundTrip = took;
      this.#variance = took / 2;
      return;
    }
    this.#variance += (Math.abs(this.#roundTrip - took) - this.#variance) / 4;
    this.#roundTrip += (took - this.#roundTrip) / 8;
  }

  #end(failure: UtpFailure | undefined): void {
    this.#state = "closed";
    this.#failure = failure;
    this.#sent.clear();
    this.#lost = 0;
    this.#queue.length = 0;
    this.#queued = 0;
  }
}

/** The answer to a packet of no connection. */
export function utpReset(packet: UtpPacket, now: number): Uint8Array<ArrayBuffer> {
  return encodeUtp({
    type: UtpType.reset,
    connectionId: packet.connectionId,
    timestamp: micros(now),
    timestampDifference: 0,
    windowSize: 0,
    seqNr: 0,
    ackNr: packet.seqNr,
  });
}

/** A time in ms as the 32 bits of µs that go over the wire. */
function micros(now: number): number {
  return Math.floor(now * 1000 % 2 ** 32);
}

/** Bytes of the largest packet. */
export const UTP_PACKET = UTP_HEADER_LENGTH + UTP_PAYLOAD;
