/**
 * Packets to and from a student's tracker over UDP (BEP 15).
 *
 * @module
 */
import {
  encodeConnectRequest,
  parseUdpReply,
  TrackerError,
  type UdpReply,
} from "../../protocol/mod.ts";
import type { CapturedLink } from "./capture.ts";
import { Failure, type Finding, NotOffered } from "./finding.ts";
import type { StudentTracker } from "./student_tracker.ts";

/** Times that a request is sent before nothing is expected any more, and ms between two. */
const TRIES = 3;
const TRY_INTERVAL = 1000;
/** Packets that wait to be looked at. */
const MOST_WAITING = 100;

/** One packet of the tracker. */
export interface UdpPacket {
  /** Counted from 1 within the exchange. */
  readonly number: number;
  /** ms since the program was started. */
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A socket of ours that talks with one tracker. */
export class UdpExchange implements AsyncDisposable {
  readonly tracker: StudentTracker;
  readonly #socket: Deno.DatagramConn;
  readonly #link: CapturedLink & { readonly transport: "udp" };
  readonly #waiting: UdpPacket[] = [];
  /** Transaction IDs of the requests so far: each was sent again where its reply was late. */
  readonly #over = new Set<number>();
  readonly #reading: Promise<void>;
  #count = 0;
  #wake = () => {};

  constructor(tracker: StudentTracker) {
    this.tracker = tracker;
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const local = this.#socket.addr as Deno.NetAddr;
    this.#link = {
      transport: "udp",
      local: { host: local.hostname, port: local.port },
      remote: { host: "127.0.0.1", port: tracker.port },
    };
    this.#reading = this.#read();
    tracker.trial.own(this);
  }

  async send(bytes: Uint8Array): Promise<void> {
    const { trial, port } = this.tracker;
    trial.capture.trackerBytes(this.#link, "sent", bytes);
    await this.#socket.send(bytes, { transport: "udp", hostname: "127.0.0.1", port });
  }

  /** The next packet; undefined where none comes within `patience` ms. */
  async packet(patience: number): Promise<UdpPacket | undefined> {
    const limit = performance.now() + patience;
    while (this.#waiting.length === 0 && performance.now() < limit) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, Math.max(1, limit - performance.now()));
      await promise;
      clearTimeout(timer);
    }
    this.tracker.trial.check();
    return this.#waiting.shift();
  }

  /**
   * Sends a request as often as UDP needs, and gives the reply to it.
   *
   * @param what the request in words
   * @param action what the reply has to be
   * @throws {Failure} where it is none
   */
  async ask<A extends UdpReply["action"]>(
    request: Uint8Array,
    what: string,
    action: A,
    why: string,
  ): Promise<{ reply: Extract<UdpReply, { action: A }>; packet: UdpPacket }> {
    const transactionId = viewOf(request).getInt32(12);
    const packet = await this.#answerTo(request, transactionId);
    this.#over.add(transactionId);
    const { trial } = this.tracker;
    const expected = `a reply with action ${ACTIONS[action]} (${action}) to ${what}`;
    if (packet === undefined) {
      await this.tracker.run?.ended(200);
      throw new Failure({
        expected,
        seen: `nothing for ${TRIES * TRY_INTERVAL / 1000} s, and it was sent ${TRIES} times` +
          this.tracker.howItEnded(),
        why,
        at: trial.now(),
        filter: `udp.port == ${this.tracker.port}`,
      });
    }
    const reply = this.read(packet, expected, why);
    if (reply.transactionId !== transactionId) {
      throw new Failure({
        expected: `transaction ID ${hexInt(transactionId)}, as in the request`,
        seen: `transaction ID ${hexInt(reply.transactionId)}`,
        why: "BEP 15: a reply has the transaction ID of its request: peers drop all others",
        ...this.place(packet, [4, 8]),
      });
    }
    if (reply.action !== action) {
      throw new Failure({
        expected,
        seen: reply.action === "error"
          ? `an error packet: ${reply.message}`
          : `action ${ACTIONS[reply.action]} (${reply.action})`,
        why,
        ...this.place(packet, [0, 4]),
      });
    }
    return { reply: reply as Extract<UdpReply, { action: A }>, packet };
  }

  /** A connection ID. @throws {NotOffered} where nobody answers */
  async connect(): Promise<bigint> {
    const transactionId = this.tracker.trial.random.below(0x7fffffff);
    const request = encodeConnectRequest(transactionId);
    const why = "BEP 15: a connect request of 16 bytes is answered by action 0, its transaction " +
      "ID and a connection ID of 8 bytes";
    try {
      return (await this.ask(request, "a connect request", "connect", why)).reply.connectionId;
    } catch (error) {
      const isUdpOnly = this.tracker.announceUrl.protocol === "udp:";
      const isSilent = error instanceof Failure && error.finding.marked === undefined;
      if (!isSilent || isUdpOnly || this.tracker.run?.end !== undefined) throw error;
      throw new NotOffered(`it offers no UDP at port ${this.tracker.port}`, error.finding);
    }
  }

  /** A packet's meaning. @throws {Failure} where it has none */
  read(packet: UdpPacket, expected: string, why: string): UdpReply {
    try {
      return parseUdpReply(packet.bytes, 4);
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      throw new Failure({
        expected,
        seen: error.message.replace(/^The tracker sent/, "it sent"),
        why,
        ...this.place(packet, [0, Math.min(4, packet.bytes.length)]),
      });
    }
  }

  /** Where in a packet something is wrong. */
  place(packet: UdpPacket, wrong?: readonly [number, number]): Partial<Finding> {
    return {
      at: packet.at,
      message: packet.number,
      filter: `udp.port == ${this.tracker.port}`,
      marked: { bytes: packet.bytes, ...(wrong === undefined ? {} : { wrong }) },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#socket.close();
    } catch {
      // It was closed already.
    }
    await this.#reading;
  }

  async #answerTo(
    request: Uint8Array,
    transactionId: number,
  ): Promise<UdpPacket | undefined> {
    const { trial } = this.tracker;
    const limit = trial.fairTime + TRIES * TRY_INTERVAL;
    // A tracker that has had no processor is asked again.
    for (let tries = 0; tries < TRIES || trial.fairTime < limit; tries++) {
      await this.send(request);
      let packet = await this.packet(TRY_INTERVAL);
      while (packet !== undefined && this.#isLate(packet, transactionId)) {
        packet = await this.packet(TRY_INTERVAL);
      }
      if (packet !== undefined || this.tracker.run?.end !== undefined) return packet;
    }
    return undefined;
  }

  /** Whether it is one more reply to a request before this one. */
  #isLate({ bytes }: UdpPacket, transactionId: number): boolean {
    if (bytes.length < 8) return false;
    const told = viewOf(bytes).getInt32(4);
    return told !== transactionId && this.#over.has(told);
  }

  async #read(): Promise<void> {
    const { trial, port } = this.tracker;
    try {
      while (true) {
        const [bytes, from] = await this.#socket.receive();
        if ((from as Deno.NetAddr).port !== port) continue;
        trial.capture.trackerBytes(this.#link, "received", bytes);
        if (this.#waiting.length >= MOST_WAITING) continue;
        this.#waiting.push({ number: ++this.#count, at: trial.now(), bytes: bytes.slice() });
        trial.stir();
        this.#wake();
      }
    } catch {
      // Closed.
    }
  }
}

const ACTIONS: Readonly<Record<UdpReply["action"], number>> = {
  connect: 0,
  announce: 1,
  scrape: 2,
  error: 3,
};

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hexInt(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, "0")}`;
}
