/**
 * A wire: the way from one member to another over loopback TCP. What passes is slowed, delayed, counted
 * and read.
 *
 * @module
 */
import type { AccessLink } from "./access_link.ts";
import { callFrom, type WireSocket } from "./call_from.ts";
import { DelayLine, type LineModel, lossyRate, SEGMENT } from "./delay_line.ts";
import { ListenPortMask } from "./listen_port_mask.ts";
import type { MachineLoad } from "./machine_load.ts";
import { otherSide, type Side } from "./rule_watch.ts";
import type { ConnectionWitness } from "./witness.ts";

/** Bytes that are read at a time: what passes in so many ms, within these bounds. */
const CHUNK_TIME = 20;
const MAX_CHUNK = 64 * 1024;
/** ms before the uplink is free at which more is read, since timers are late. */
const READ_AHEAD = 50;
/** Most ms of a slow downlink that may be under way of one connection. */
const QUEUE_TIME = 60;
/**
 * Bytes that may be under way of one connection at least: with less, whoever has a slow uplink would
 * get nothing of a downlink that a fast one fills.
 */
const LEAST_UNDER_WAY = 1 << 16;
/** ms that one end may go on after the other has hung up. */
const LINGER = 2000;
/** Waits that are shorter are not worth a timer (ms). */
const NO_WAIT = 0.5;

/** Both directions of a member's access. */
export interface Access {
  readonly up: AccessLink;
  readonly down: AccessLink;
}

/** What is kept of a connection's bytes, e.g. for Wireshark. */
export interface WireCapture {
  wire(link: WireLink, direction: "sent" | "received", bytes: Uint8Array): void;
  link(link: WireLink, state: { readonly ended: string }): void;
}

/** One connection, the same object to its end; `local` has called. */
export interface WireLink {
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
}

/** What a wire is made of. */
export interface WireSetup {
  readonly caller: string;
  readonly called: string;
  readonly access: Readonly<Record<Side, Access>>;
  readonly line: LineModel;
  /** seeded; from 0 up to 1 */
  readonly random: () => number;
  /** ms since the start */
  readonly now: () => number;
  readonly load: MachineLoad;
  /** Our own address. */
  readonly hub: string;
  /** Where the called end listens; undefined while it does not. */
  readonly target: () => { readonly hostname: string; readonly port: number } | undefined;
  /** The address that the called end is called from; undefined: any. */
  readonly from?: string | undefined;
  readonly witness: () => ConnectionWitness;
  /** One end sees the other at this port of ours. */
  readonly onPort: (who: string, port: number, other: string) => void;
  /** `who` encrypts; whether that is let through, unread. */
  readonly passesEncrypted: (who: string) => boolean;
  readonly capture?: WireCapture | undefined;
  /** How the ends are named in a capture. */
  readonly link: () => WireLink;
}

/** Takes calls of one member for another. Disposing ends all of them. */
export class Wire implements AsyncDisposable {
  readonly #setup: WireSetup;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Connection>();
  readonly #running = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;
  #isCut = false;
  #isClosed = false;

  constructor(setup: WireSetup) {
    this.#setup = setup;
    this.#listener = Deno.listen({ hostname: setup.hub, port: 0 });
    setup.onPort(setup.caller, this.port, setup.called);
    this.#accepting = this.#accept();
  }

  /** Where the called member seems to listen. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Whether the two are connected by it. */
  get isInUse(): boolean {
    return this.#open.size > 0;
  }

  /** Ends all connections, and lets no new one through until it is joined. */
  cut(): void {
    this.#isCut = true;
    for (const connection of this.#open) connection.end("the line was cut");
  }

  join(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of this.#open) connection.end("the run ended");
    await this.#accepting;
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      let near: Deno.TcpConn;
      try {
        near = await this.#listener.accept();
      } catch {
        // Closed, or one caller gone before it was accepted.
        if (this.#isClosed) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const running = this.#connect(near);
      this.#running.add(running);
      running.finally(() => this.#running.delete(running));
    }
  }

  async #connect(near: Deno.TcpConn): Promise<void> {
    const { target, from, caller, called, onPort } = this.#setup;
    const place = target();
    let far: WireSocket;
    try {
      if (this.#isCut || this.#isClosed || place === undefined) throw new Error("nobody there");
      far = from === undefined ? await Deno.connect(place) : await callFrom(from, place);
    } catch {
      close(near);
      return;
    }
    onPort(called, far.localAddr.port, caller);
    const connection = new Connection(this.#setup, near, far);
    this.#open.add(connection);
    if (this.#isCut || this.#isClosed) connection.end("the line was cut");
    await connection.done;
    this.#open.delete(connection);
  }
}

/** One connection through a wire. */
class Connection {
  readonly #setup: WireSetup;
  readonly #sockets: Readonly<Record<Side, WireSocket>>;
  readonly #witness: ConnectionWitness;
  readonly #link: WireLink;
  readonly #ending = new AbortController();
  /** Who takes nothing any more. */
  readonly #isGone = new Set<Side>();
  #why: string | undefined;
  /** Resolves when both directions have stopped. */
  readonly done: Promise<void>;

  constructor(setup: WireSetup, near: WireSocket, far: WireSocket) {
    this.#setup = setup;
    this.#sockets = { caller: near, called: far };
    this.#witness = setup.witness();
    this.#link = setup.link();
    for (const socket of [near, far]) {
      try {
        socket.setNoDelay();
      } catch {
        // It has hung up already, which the first read tells.
      }
    }
    this.done = Promise.all([this.#carry("caller"), this.#carry("called")]).then(() => {});
  }

  /** Ends it at once. */
  end(why: string): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    close(this.#sockets.caller);
    close(this.#sockets.called);
    this.#witness.ended(why);
    this.#setup.capture?.link(this.#link, { ended: why });
  }

  /** Carries what one side says to the other, and ends the connection when it hangs up. */
  async #carry(side: Side): Promise<void> {
    const lane = new Lane(this.#setup, side);
    const delivering = this.#deliver(side, lane);
    const why = await this.#read(side, lane);
    lane.end();
    await delivering;
    await this.#hangUp(side, why);
  }

  /** Reads until the end; why that came. */
  async #read(side: Side, lane: Lane): Promise<string> {
    const { now, capture, passesEncrypted } = this.#setup;
    const who = this.#setup[side];
    const mask = new ListenPortMask();
    while (!this.#ending.signal.aborted) {
      await lane.room();
      const buffer = new Uint8Array(lane.chunk);
      let count: number | null;
      try {
        count = await this.#sockets[side].read(buffer);
      } catch {
        // A reset.
        count = null;
      }
      if (count === null) break;
      const bytes = buffer.subarray(0, count);
      mask.mask(bytes);
      if (this.#witness.said(side, bytes) === "mse" && !passesEncrypted(who)) {
        // In clear it can be read: most clients call again without.
        this.end(`${who} encrypts`);
        break;
      }
      capture?.wire(this.#link, side === "caller" ? "sent" : "received", bytes);
      const departs = lane.put(bytes, now());
      await this.#until(departs - READ_AHEAD);
    }
    return `${who} hung up`;
  }

  async #deliver(side: Side, lane: Lane): Promise<void> {
    const { now, load } = this.#setup;
    const to = this.#sockets[otherSide(side)];
    for (let next; (next = await lane.next()) !== undefined;) {
      await this.#until(next.arrives);
      const due = lane.down(next);
      await this.#until(due);
      if (this.#ending.signal.aborted) break;
      load.wireLate(now() - due);
      lane.took(next.bytes.length);
      // It has hung up: its own direction ends the connection.
      if (this.#isGone.has(otherSide(side))) continue;
      // Before it can answer: what it says next is judged by what it has heard.
      this.#witness.heard(side, next.bytes.length);
      try {
        for (let at = 0; at < next.bytes.length;) at += await to.write(next.bytes.subarray(at));
      } catch {
        this.#isGone.add(otherSide(side));
      }
    }
    lane.stop();
  }

  /**
   * `side` has hung up and all it said was delivered. The other end is given time to read that: to close
   * with something unread would be a reset, which drops it.
   */
  async #hangUp(side: Side, why: string): Promise<void> {
    const isLast = this.#isGone.has(otherSide(side));
    this.#isGone.add(side);
    this.#why ??= why;
    if (!isLast) {
      await this.#sockets[otherSide(side)].closeWrite().catch(() => {});
      await this.#until(this.#setup.now() + LINGER);
    }
    this.end(this.#why);
  }

  /** Resolves at a time (ms since the start), or when the connection ends. */
  #until(time: number): Promise<void> {
    const wait = time - this.#setup.now();
    const { signal } = this.#ending;
    if (!(wait > NO_WAIT) || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, wait);
      signal.addEventListener("abort", done);
    });
  }
}

interface Parcel {
  readonly bytes: Uint8Array;
  readonly arrives: number;
}

/** One direction of a connection: its queue, and how much of it may be under way. */
class Lane {
  /** Bytes to read at a time. */
  readonly chunk: number;
  readonly #up: AccessLink;
  readonly #down: AccessLink;
  readonly #line: DelayLine;
  readonly #window: number;
  readonly #queue: Parcel[] = [];
  #underWay = 0;
  #isOver = false;
  #isStopped = false;
  #wake: (() => void) | undefined;
  #hasRoom: (() => void) | undefined;

  constructor(setup: WireSetup, side: Side) {
    this.#up = setup.access[side].up;
    this.#down = setup.access[otherSide(side)].down;
    this.#line = new DelayLine(setup.line, setup.random);
    const rate = Math.min(this.#up.rate, this.#down.rate, lossyRate(setup.line));
    this.chunk = Math.round(Math.min(MAX_CHUNK, Math.max(SEGMENT, this.#up.rate * CHUNK_TIME)));
    const queued = Number.isFinite(rate) ? rate * (setup.line.latency + QUEUE_TIME) : 4 * MAX_CHUNK;
    this.#window = Math.max(LEAST_UNDER_WAY, queued + 2 * this.chunk);
  }

  /** Resolves when more may be under way. */
  room(): Promise<void> {
    if (this.#underWay < this.#window || this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => this.#hasRoom = resolve);
  }

  /** Sends bytes on their way; when the uplink is free again (ms). */
  put(bytes: Uint8Array, now: number): number {
    const departs = this.#up.pass(now, bytes.length);
    this.#underWay += bytes.length;
    this.#queue.push({ bytes, arrives: this.#line.arrival(departs, bytes.length) });
    this.#wake?.();
    return departs;
  }

  /** The next that arrives; undefined where nothing more comes. */
  async next(): Promise<Parcel | undefined> {
    while (this.#queue.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#queue.shift();
  }

  /** It has arrived at the receiver's downlink: when the last byte has passed (ms). */
  down(parcel: Parcel): number {
    return this.#down.pass(parcel.arrives, parcel.bytes.length);
  }

  /** The receiver has taken it. */
  took(bytes: number): void {
    this.#underWay -= bytes;
    if (this.#underWay < this.#window) this.#hasRoom?.();
  }

  /** Nothing more is put. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** Nothing more is taken. */
  stop(): void {
    this.#isStopped = true;
    this.#hasRoom?.();
  }
}

function close(socket: WireSocket): void {
  try {
    socket.close();
  } catch {
    // It was closed already.
  }
}
