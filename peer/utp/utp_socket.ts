/**
 * uTP (BEP 29) on a UDP port: many connections over one socket, each as a {@linkcode Socket}.
 *
 * @module
 */
import { parseIp } from "../../protocol/address.ts";
import { decodeUtp, type UtpPacket, UtpType } from "../../protocol/utp_packet.ts";
import { addressKey } from "../admission/address_key.ts";
import { AddressQuota, UTP_STRANGERS } from "../admission/address_quota.ts";
import type { OnFault } from "../background_tasks.ts";
import { type HalfOpen, MAX_HALF_OPEN, oldestOfMost } from "../admission/half_open.ts";
import { UtpConnection, utpReset } from "./utp_connection.ts";
import type { Clock } from "../clock.ts";
import type { DatagramSocket, SharedUdp, Socket, UdpAddress } from "../ports.ts";

/** How often connections look at the clock, ms. */
const TICK_MS = 20;
/** Connections in all, without the half-open ones; callers beyond it are turned away. */
const MAX_CONNECTIONS = 500;
/** Rest in ms after the system refused to receive. */
const RECEIVE_REST = 50;
/** Packets that may wait to be sent. */
const MAX_OUTBOX = 4000;

/** How an endpoint is opened. */
export interface UtpOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** Opens the port. */
  listenDatagram(host: string, port: number): DatagramSocket;
  /** Somebody called. */
  onCall(socket: Socket): void;
  /** There is a bug; the connection concerned has ended. Default: `reportError`. */
  onFault?: OnFault;
}

/** An open UDP port. Dispose it to hang up everything. */
export class UtpEndpoint implements SharedUdp, AsyncDisposable {
  readonly port: number;
  /** Called with every datagram that is no uTP. */
  onStranger: ((bytes: Uint8Array, from: UdpAddress) => void) | undefined;
  readonly #options: UtpOptions;
  readonly #socket: DatagramSocket;
  readonly #connections = new Map<string, UtpSocket>();
  /** Callers that have not shown yet that they hear us, in the order they came. */
  readonly #halfOpen = new Map<UtpSocket, HalfOpen>();
  readonly #strangers = new AddressQuota(UTP_STRANGERS);
  readonly #outbox: { bytes: Uint8Array; to: UdpAddress }[] = [];
  readonly #background: Promise<void>;
  #timer: Disposable | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;
  readonly #ending = Promise.withResolvers<void>();

  /** @throws {Deno.errors.AddrInUse} */
  constructor(options: UtpOptions) {
    this.#options = options;
    this.#socket = options.listenDatagram(options.host, options.port);
    this.port = this.#socket.addr.port;
    this.#background = this.#listen();
  }

  /**
   * Calls a peer.
   *
   * @throws {Deno.errors.TimedOut | Deno.errors.ConnectionReset} where nobody takes the call
   */
  async dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    if (this.#closed) throw new Deno.errors.NotConnected("uTP is closed");
    if (parseIp(host) === undefined) throw new Deno.errors.NotConnected("uTP wants an address");
    // A socket for both kinds of addresses knows those of IPv4 in IPv6's clothes.
    const own = this.#socket.addr.hostname;
    const hostname = own.includes(":") && !host.includes(":") ? `::ffff:${host}` : host;
    const socket = this.#open({ transport: "udp", hostname, port }, undefined);
    const giveUp = () => socket[Symbol.dispose]();
    signal.addEventListener("abort", giveUp);
    try {
      await socket.connected();
      return socket;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#ending.resolve();
    // What was said last should get there: those who still listen hear the end.
    for (const socket of this.#connections.values()) socket[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#sending;
    this.#socket.close();
    await this.#background;
    for (const socket of this.#connections.values()) socket.forget();
  }

  /** Whether a connection has ended is seen here, after anything was done with it. */
  settle(socket: UtpSocket): void {
    if (socket.isOver) {
      this.#connections.delete(socket.key);
      this.#halfOpen.delete(socket);
    }
    if (this.#connections.size === 0) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = undefined;
    }
  }

  send(bytes: Uint8Array, to: UdpAddress): void {
    // A queue this long is a lost packet like any other.
    if (this.#outbox.length >= MAX_OUTBOX) return;
    this.#outbox.push({ bytes, to });
    this.#sending ??= this.#flush();
  }

  #open(to: UdpAddress, syn: UtpPacket | undefined): UtpSocket {
    const { clock, random } = this.#options;
    const now = () => clock.now();
    let socket: UtpSocket;
    do socket = new UtpSocket(this, { to, syn, random: Math.floor(random() * 65536), now }); while (
      syn === undefined && this.#connections.has(socket.key)
    );
    this.#connections.set(socket.key, socket);
    socket.start();
    this.#timer ??= clock.every(TICK_MS, () => this.#tick());
    return socket;
  }

  async #flush(): Promise<void> {
    await Promise.resolve();
    for (let next; (next = this.#outbox.shift()) !== undefined;) {
      try {
        await this.#socket.send(next.bytes, next.to);
      } catch {
        // No way there, or no room in the system: lost, as packets may be.
      }
    }
    this.#sending = undefined;
  }

  async #listen(): Promise<void> {
    const buffer = new Uint8Array(2048);
    while (!this.#closed) {
      let received: [Uint8Array, UdpAddress];
      try {
        received = await this.#socket.receive(buffer);
      } catch {
        // Some systems report here that an earlier packet found nobody, or that a network is gone.
        if (!this.#closed) await this.#rest();
        continue;
      }
      const [bytes, from] = received;
      this.#guard(() => this.#onDatagram(bytes, from));
    }
  }

  #onDatagram(bytes: Uint8Array, from: UdpAddress): void {
    const packet = decodeUtp(bytes);
    if (packet !== undefined) this.#onPacket(packet, from);
    else this.onStranger?.(bytes, from);
  }

  /** Does something that may have a bug: `socket`, if it is about one, ends with it. */
  #guard(work: () => void, socket?: UtpSocket): void {
    try {
      work();
    } catch (fault) {
      if (socket !== undefined) this.#forget(socket);
      (this.#options.onFault ?? reportError)(fault);
    }
  }

  #forget(socket: UtpSocket): void {
    this.#halfOpen.delete(socket);
    this.#connections.delete(socket.key);
    socket.forget();
  }

  async #rest(): Promise<void> {
    const rested = Promise.withResolvers<void>();
    using _ = this.#options.clock.after(RECEIVE_REST, rested.resolve);
    await Promise.race([rested.promise, this.#ending.promise]);
  }

  #onPacket(packet: UtpPacket, from: UdpAddress): void {
    const { type, connectionId } = packet;
    const known = type === UtpType.syn
      ? this.#connections.get(keyOf(from, connectionId + 1 & 0xffff))
      : this.#connections.get(keyOf(from, connectionId)) ??
        (type === UtpType.reset
          ? this.#connections.get(keyOf(from, connectionId + 1 & 0xffff)) ??
            this.#connections.get(keyOf(from, connectionId - 1 & 0xffff))
          : undefined);
    if (known !== undefined) return this.#guard(() => known.receive(packet), known);
    if (type === UtpType.reset) return;
    const address = addressKey(plainHost(from));
    if (!this.#strangers.take(address, this.#options.clock.now())) return;
    const proven = this.#connections.size - this.#halfOpen.size;
    if (type !== UtpType.syn || proven >= MAX_CONNECTIONS || this.#closed) {
      return this.send(utpReset(packet, this.#options.clock.now()), from);
    }
    if (this.#halfOpen.size >= MAX_HALF_OPEN) this.#makeRoom();
    const socket = this.#open(from, packet);
    this.#halfOpen.set(socket, { address, since: this.#options.clock.now() });
    socket.onProven = () => {
      this.#halfOpen.delete(socket);
      this.#options.onCall(socket);
    };
  }

  /** One more calls: forgets one, without a word, since it may never have called. */
  #makeRoom(): void {
    const waiting = [...this.#halfOpen].map(([socket, one]) => ({ socket, ...one }));
    this.#forget(oldestOfMost(waiting)!.socket);
  }

  #tick(): void {
    for (const socket of this.#connections.values()) this.#guard(() => socket.tick(), socket);
  }
}

/** One connection. */
export class UtpSocket implements Socket {
  readonly transport = "utp";
  readonly remote: { host: string; port: number };
  readonly key: string;
  readonly #endpoint: UtpEndpoint;
  readonly #connection: UtpConnection;
  readonly #now: () => number;
  /** Packets that it says while it is being made. */
  #first: Uint8Array[] | undefined = [];
  readonly #to: UdpAddress;
  #changed = Promise.withResolvers<void>();
  #isClosed = false;
  /** Told once when who called has shown that it is there. */
  onProven: ((socket: Socket) => void) | undefined;

  constructor(
    endpoint: UtpEndpoint,
    { to, syn, random, now }: {
      to: UdpAddress;
      syn: UtpPacket | undefined;
      random: number;
      now: () => number;
    },
  ) {
    this.#endpoint = endpoint;
    this.#to = to;
    this.#now = now;
    this.remote = { host: plainHost(to), port: to.port };
    this.#connection = new UtpConnection({
      ...(syn === undefined ? {} : { syn }),
      // An IPv4 address in IPv6's clothes goes over IPv4.
      family: this.remote.host.includes(":") ? 6 : 4,
      random,
      now: now(),
      send: (bytes) => {
        if (this.#first === undefined) endpoint.send(bytes, to);
        else this.#first.push(bytes);
      },
    });
    this.key = keyOf(to, this.#connection.receiveId);
  }

  get isOver(): boolean {
    return this.#connection.state === "closed";
  }

  /** Lets out what was said while it was being made. */
  start(): void {
    const first = this.#first ?? [];
    this.#first = undefined;
    for (const bytes of first) this.#endpoint.send(bytes, this.#to);
  }

  /** Resolves when the other end took the call. */
  async connected(): Promise<void> {
    while (this.#connection.state === "connecting") await this.#changed.promise;
    this.#throwFailure();
    if (this.isOver) throw new Deno.errors.NotConnected("the call was given up");
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#isClosed) return null;
      const count = this.#connection.read(into, this.#now());
      if (count === null) this.#throwFailure();
      if (count !== 0) return count;
      await this.#changed.promise;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    for (;;) {
      this.#throwFailure();
      if (this.#isClosed || this.isOver) throw new Deno.errors.BadResource("closed");
      const count = this.#connection.write(bytes, this.#now());
      if (count > 0 || bytes.length === 0) return count;
      await this.#changed.promise;
    }
  }

  receive(packet: UtpPacket): void {
    this.#connection.receive(packet, this.#now());
    if (this.onProven !== undefined && this.#connection.isProven) {
      const { onProven } = this;
      this.onProven = undefined;
      onProven(this);
    }
    this.#notify();
  }

  tick(): void {
    const { state } = this.#connection;
    this.#connection.tick(this.#now());
    if (this.#connection.state !== state) this.#notify();
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close(this.#now());
    this.#notify();
  }

  /** The port is closed: whoever waits, waits in vain. */
  forget(): void {
    this.#isClosed = true;
    this.#changed.resolve();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    this.#endpoint.settle(this);
  }

  #throwFailure(): void {
    const { failure } = this.#connection;
    if (failure === "reset") throw new Deno.errors.ConnectionReset("connection reset");
    if (failure === "timed out") throw new Deno.errors.TimedOut("timed out");
  }
}

function keyOf({ hostname, port }: UdpAddress, receiveId: number): string {
  return `${hostname} ${port} ${receiveId}`;
}

/** An IPv4 address without the clothes of IPv6. */
function plainHost({ hostname }: UdpAddress): string {
  return hostname.replace(/^::ffff:(?=\d+\.)/i, "");
}
