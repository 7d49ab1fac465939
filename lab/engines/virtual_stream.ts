/**
 * TCP between two virtual hosts: what is written arrives, in order, when both lines and the network let
 * it.
 *
 * @module
 */
import type { Listener, Socket } from "../../peer/lab.ts";
import type { Lane } from "../virtual/virtual_network.ts";
import { PARCEL, type Parcel, type Sender } from "./virtual_line.ts";
import type { VirtualHost } from "./virtual_host.ts";

/** Bytes that the system takes for a connection before whoever writes has to wait. */
const SYSTEM_BUFFER = 1 << 17;

/** Host and port. */
export interface End {
  readonly host: string;
  readonly port: number;
}

/** The way from one host to another. */
export interface Carrier {
  /** Calls `arrived` when `bytes` that leave now are there; never, where they get lost. */
  carry(
    lane: Lane,
    hosts: { readonly from: VirtualHost; readonly to: VirtualHost },
    bytes: number,
    arrived: () => void,
  ): void;
}

/** One end of a connection. */
export class VirtualStream implements Socket, Sender, Lane {
  readonly local: End;
  readonly remote: End;
  lastAt = 0;
  readonly #host: VirtualHost;
  readonly #carrier: Carrier;
  #other!: VirtualStream;
  /** Written, and not left yet. */
  readonly #out: Uint8Array[] = [];
  #waiting = 0;
  #underWay = 0;
  /** Arrived, and not read yet. */
  readonly #in: Uint8Array[] = [];
  #isClosed = false;
  /** Nothing more comes. */
  #hasEnded = false;
  #isReset = false;
  #changed = Promise.withResolvers<void>();

  private constructor(host: VirtualHost, local: End, remote: End, carrier: Carrier) {
    this.#host = host;
    this.local = local;
    this.remote = remote;
    this.#carrier = carrier;
    host.streams.add(this);
  }

  /** Both ends of a connection. */
  static pair(
    caller: VirtualHost,
    called: VirtualHost,
    port: number,
    carrier: Carrier,
  ): [VirtualStream, VirtualStream] {
    const from = { host: caller.address, port: caller.ownPort() };
    const to = { host: called.address, port };
    const one = new VirtualStream(caller, from, to, carrier);
    const other = new VirtualStream(called, to, from, carrier);
    one.#other = other;
    other.#other = one;
    return [one, other];
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (true) {
      if (this.#isClosed) return null;
      if (this.#isReset) throw new Deno.errors.ConnectionReset("connection reset");
      const [first] = this.#in;
      if (first !== undefined) {
        const count = Math.min(into.length, first.length);
        into.set(first.subarray(0, count));
        if (count === first.length) this.#in.shift();
        else this.#in[0] = first.subarray(count);
        return count;
      }
      if (this.#hasEnded) return null;
      await this.#changed.promise;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    while (true) {
      if (this.#isClosed) throw new Deno.errors.BadResource("closed");
      if (this.#isReset) throw new Deno.errors.ConnectionReset("connection reset");
      if (this.#hasEnded) throw new Deno.errors.BrokenPipe("broken pipe");
      const room = SYSTEM_BUFFER - this.#waiting - this.#underWay;
      if (room > 0) {
        const part = bytes.slice(0, room);
        this.#out.push(part);
        this.#waiting += part.length;
        this.#host.line.wake(this);
        return part.length;
      }
      await this.#changed.promise;
    }
  }

  take(): Parcel | undefined {
    const [first] = this.#out;
    if (first === undefined) return undefined;
    const bytes = first.subarray(0, PARCEL);
    if (bytes.length === first.length) this.#out.shift();
    else this.#out[0] = first.subarray(PARCEL);
    this.#waiting -= bytes.length;
    this.#underWay += bytes.length;
    return { bytes, leave: () => this.#leave(bytes) };
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wake();
    if (this.#waiting === 0 && !this.#isReset) this.#sayEnd();
  }

  /** The program is gone, or the line: the other end hears of it, unless the line is. */
  reset(): void {
    this.#host.streams.delete(this);
    this.#drop();
    const other = this.#other;
    this.#carry(0, () => other.#host.run(() => other.#wasReset()));
  }

  /** Both ends are told at once, as by their own systems. */
  break(): void {
    for (const end of [this, this.#other]) end.#host.run(() => end.#wasReset());
  }

  #leave(bytes: Uint8Array): void {
    const other = this.#other;
    this.#carry(bytes.length, () => {
      this.#underWay -= bytes.length;
      this.#wake();
      other.#host.run(() => other.#arrived(bytes));
    });
    if (this.#isClosed && this.#waiting === 0) this.#sayEnd();
  }

  #sayEnd(): void {
    const other = this.#other;
    this.#host.streams.delete(this);
    this.#carry(0, () => other.#host.run(() => other.#ended()));
  }

  #carry(bytes: number, arrived: () => void): void {
    this.#carrier.carry(this, { from: this.#host, to: this.#other.#host }, bytes, arrived);
  }

  #arrived(bytes: Uint8Array): void {
    if (this.#isClosed || this.#isReset) return;
    this.#in.push(bytes);
    this.#wake();
  }

  #ended(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  #wasReset(): void {
    this.#host.streams.delete(this);
    this.#isReset = true;
    this.#drop();
    this.#wake();
  }

  #drop(): void {
    this.#out.length = 0;
    this.#waiting = 0;
    this.#in.length = 0;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** An open port of a virtual host. */
export class VirtualListener implements Listener {
  readonly port: number;
  readonly #host: VirtualHost;
  readonly #callers: Socket[] = [];
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(host: VirtualHost, port: number) {
    this.#host = host;
    this.port = port;
    host.listeners.set(port, this);
  }

  /** Somebody has called. */
  accept(socket: Socket): void {
    if (this.#isClosed) return socket[Symbol.dispose]();
    this.#callers.push(socket);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Socket> {
    while (!this.#isClosed) {
      const caller = this.#callers.shift();
      if (caller !== undefined) yield caller;
      else await this.#changed.promise;
    }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.listeners.delete(this.port);
    for (const caller of this.#callers.splice(0)) caller[Symbol.dispose]();
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
