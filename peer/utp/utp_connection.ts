/**
 * uTP connection (BEP 29): a stream of bytes over packets that may be lost, duplicated or
 * reordered. Packets in, packets out; the clock is passed in.
 *
 * @module
 */
import {
  encodeUtp,
  refreshUtp,
  seqAfter,
  seqDistance,
  type UtpHeader,
  type UtpPacket,
  UtpType,
  withoutPadding,
} from "../../protocol/utp_packet.ts";
import { Ledbat } from "./ledbat.ts";
import { RECEIVE_BUFFER, UtpReceiveBuffer } from "./receive_buffer.ts";
import { type Sent, UtpSendBuffer } from "./send_buffer.ts";
import { UtpPacing } from "./pacing.ts";
import { ReceiveWindow } from "./receive_window.ts";
import { MtuProbe } from "./mtu_probe.ts";

/** ms until an answer is missed: at first, and at least. */
const FIRST_TIMEOUT = 1000;
const MIN_TIMEOUT = 500;
const MAX_TIMEOUT = 15_000;
/** Times that nothing comes before it is given up; sooner at the beginning and at the end. */
const MAX_TIMEOUTS = 7;
const MAX_SYNS = 2;
const MAX_FINS = 2;
/** ms within which the initiator must prove that it receives our packets: SYNs can be spoofed. */
const PROOF_MS = 5000;
/** ms that an acknowledgement may wait for company. */
const ACK_DELAY = 20;

export type UtpState = "connecting" | "connected" | "closing" | "closed";

/** Why a connection ended other than by its end. */
export type UtpFailure = "timed out" | "reset";

/** How a connection is made. Numbers of 16 bits. */
export interface UtpStart {
  /** Set: it was called with this SYN. */
  readonly syn?: UtpPacket;
  /** The address family of the way: IPv6 has longer headers. */
  readonly family: 4 | 6;
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
  readonly #size: MtuProbe;
  readonly #ledbat: Ledbat;
  readonly #pacing = new UtpPacing();
  #state: UtpState;
  #failure: UtpFailure | undefined;
  /** Until when who called has to show that it hears us; undefined once it has. */
  #proveBy: number | undefined;

  // What goes.
  #seqNr: number;
  readonly #outbox: UtpSendBuffer;
  #finWanted = false;
  #finSent = false;
  #theirWindow: number;

  // What comes.
  readonly #inbox: UtpReceiveBuffer;
  readonly #window: ReceiveWindow;
  #unacked = 0;
  #ackDue = Infinity;
  #toldWindow = RECEIVE_BUFFER;
  #theirDelay = 0;

  // Time.
  #heardAt = 0;
  #roundTrip = 0;
  #variance = 0;
  #timeout = FIRST_TIMEOUT;
  #timeouts = 0;
  #due: number;

  constructor({ syn, family, random, now, send }: UtpStart) {
    this.#out = send;
    this.#size = new MtuProbe(family);
    this.#ledbat = new Ledbat(this.#size.payload);
    this.#theirWindow = this.#size.payload;
    this.#outbox = new UtpSendBuffer((sent) => this.#onArrived(sent));
    this.#due = now + FIRST_TIMEOUT;
    this.#window = new ReceiveWindow(now);
    if (syn === undefined) {
      this.receiveId = random;
      this.#sendId = seqAfter(random);
      this.#seqNr = 1;
      this.#inbox = new UtpReceiveBuffer(0);
      this.#state = "connecting";
      this.#sendPacket(UtpType.syn, undefined, now);
    } else {
      this.receiveId = seqAfter(syn.connectionId);
      this.#sendId = syn.connectionId;
      this.#seqNr = random;
      this.#inbox = new UtpReceiveBuffer(syn.seqNr);
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
    const count = this.#outbox.write(bytes);
    if (count > 0) this.#pump(now);
    return count;
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
    if (this.#finSent && !this.#outbox.isAwaited) this.#end(undefined);
  }

  /** Time has passed: to be called every few ten ms. */
  tick(now: number): void {
    if (this.#state === "closed") return;
    if (this.#proveBy !== undefined && now > this.#proveBy) return this.#end("timed out");
    if (now >= this.#ackDue) this.#acknowledge(now);
    if (now < this.#due) return this.#outbox.queued > 0 ? this.#pump(now) : undefined;
    // A window that was closed and whose opening got lost is asked after in the same way.
    if (!this.#outbox.isAwaited && this.#outbox.queued === 0) {
      this.#due = now + this.#timeout;
      return;
    }
    this.#timeouts++;
    if (this.#timeouts > this.#floodLimit) return this.#end("timed out");
    this.#timeout = Math.min(MAX_TIMEOUT, this.#timeout * 2);
    this.#due = now + this.#timeout;
    this.#ledbat.timedOut(now);
    this.#size.timedOut();
    this.#theirWindow = Math.max(this.#theirWindow, this.#size.payload);
    for (const sent of this.#outbox.loseAll()) this.#giveUpTrial(sent);
    this.#pump(now);
  }

  /** Timeouts in a row that are borne. */
  get #floodLimit(): number {
    if (this.#state === "connecting") return MAX_SYNS;
    // Both have said that this is the end: the other may be gone before it hears ours.
    const isOver = this.#finSent && this.#inbox.ended && this.#outbox.underWay === 0;
    return isOver ? MAX_FINS : MAX_TIMEOUTS;
  }

  // What goes.

  #pump(now: number): void {
    const { window, isSlowStart } = this.#ledbat;
    const packet = this.#size.payload;
    this.#pacing.refill(now, { window, roundTrip: this.#roundTrip, packet, isSlowStart });
    if (!this.#repair(now)) return;
    while (this.#outbox.queued > 0) {
      const size = Math.min(this.#size.payload, this.#outbox.queued);
      if (!this.#fits(size) || this.#theirWindow < size || this.#outbox.isFull) return;
      this.#pacing.spend(size);
      this.#sendPacket(UtpType.data, this.#outbox.take(size), now);
    }
    if (this.#finWanted && !this.#finSent) {
      this.#finSent = true;
      this.#sendPacket(UtpType.fin, undefined, now);
    }
  }

  /** Sends lost packets again as far as the window goes; whether that was all. */
  #repair(now: number): boolean {
    for (let sent; (sent = this.#outbox.lost) !== undefined;) {
      if (!this.#fits(sent.payload)) return false;
      this.#pacing.spend(sent.payload);
      this.#outbox.resent(sent, now);
      refreshUtp(sent.bytes, this.#header(UtpType.data, now));
      this.#out(sent.bytes);
    }
    return true;
  }

  #fits(size: number): boolean {
    const { underWay } = this.#outbox;
    if (underWay === 0) return true;
    const window = Math.min(this.#ledbat.window, this.#theirWindow);
    return underWay + size <= window && this.#pacing.isOpen;
  }

  /** Sends something that counts: it has a number of its own and is sent until it is acknowledged. */
  #sendPacket(type: UtpType, payload: Uint8Array | undefined, now: number): void {
    const length = payload?.length ?? 0;
    const mayTry = length === this.#size.payload;
    const padding = mayTry ? this.#size.padding() : 0;
    const bytes = encodeUtp(
      this.#header(type, now),
      payload === undefined ? {} : { payload, padding },
    );
    if (!this.#outbox.isAwaited) this.#due = now + this.#timeout;
    this.#outbox.sent(this.#seqNr, bytes, { payload: length, padding, at: now });
    this.#seqNr = seqAfter(this.#seqNr);
    this.#acked();
    this.#out(bytes);
  }

  #onAck(packet: UtpPacket, now: number): void {
    const wasFull = this.#outbox.underWay + this.#size.payload > this.#ledbat.window;
    this.#heardAt = now;
    const { bytes, isNews } = this.#outbox.acknowledge(packet);
    if (bytes > 0) this.#ledbat.acked(bytes, packet.timestampDifference, now, wasFull);
    if (isNews) {
      this.#timeout = this.#roundTrip === 0
        ? FIRST_TIMEOUT
        : Math.max(MIN_TIMEOUT, this.#roundTrip + 4 * this.#variance);
      this.#due = now + this.#timeout;
    }
    const roundTrip = this.#roundTrip;
    const isState = packet.type === UtpType.state;
    for (const sent of this.#outbox.overtaken(packet, { isState, now, roundTrip })) {
      // That it was too long says nothing about how full the line is.
      if (!this.#giveUpTrial(sent)) this.#ledbat.lost(now, roundTrip);
    }
  }

  #onArrived({ times, at, padding }: Sent): void {
    // Of one that was sent twice nobody knows which one is answered.
    if (times === 1) this.#noteRoundTrip(this.#heardAt - at);
    if (padding > 0) this.#size.arrived();
  }

  /** A lost trial goes again without its padding; whether it was one. */
  #giveUpTrial(sent: Sent): boolean {
    if (sent.padding === 0) return false;
    sent.bytes = withoutPadding(sent.bytes, sent.padding);
    sent.padding = 0;
    this.#size.failed();
    return true;
  }

  // What comes.

  #onData({ seqNr, payload, type }: UtpPacket, now: number): void {
    this.#window.arrived(payload.length, now);
    if (!this.#inbox.add(seqNr, payload, type === UtpType.fin)) return this.#acknowledge(now);
    this.#unacked++;
    const isLastOfBurst = payload.length < this.#inbox.longest;
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
      windowSize: Math.min(this.#window.bytes, this.#inbox.room),
      seqNr: this.#seqNr,
      ackNr: this.#inbox.ackNr,
    };
  }

  #noteDelay({ timestamp, timestampDifference }: UtpHeader, now: number): void {
    this.#theirDelay = (micros(now) - timestamp) >>> 0;
    if (timestampDifference === 0) return; // It has heard nothing of us yet.
    // There and back: what the clocks differ by is in both ways, once each sign.
    this.#window.took((this.#theirDelay + timestampDifference >>> 0) / 1000, now);
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
    this.#outbox.clear();
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
