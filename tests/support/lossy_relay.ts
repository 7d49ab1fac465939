/**
 * A long and bad line between two UDP ports of 127.0.0.1, in real time: it delays packets, loses some
 * and lets only so much through. For programs that nobody can put into virtual time.
 *
 * @module
 */
import { seededRandom } from "./random.ts";
import { udpSocket } from "./udp.ts";

/** What the line is like, each way. */
export interface LossyLine {
  /** Share of packets that get lost. */
  readonly loss: number;
  /** ms one way. */
  readonly delay: number;
  /** Bytes in a ms, and how many may wait for that. */
  readonly rate: number;
  readonly queue: number;
  /** Longer datagrams vanish, in bytes. Left out: none. */
  readonly longest?: number;
}

/** Whoever sends to `port` reaches the far end, which sees each of them at a port of its own. */
export class LossyRelay implements AsyncDisposable {
  readonly port: number;
  /** Datagrams that came and that got lost. */
  came = 0;
  lost = 0;
  /** Bytes of the longest that got through. */
  longest = 0;
  readonly #line: LossyLine;
  readonly #random = seededRandom(1);
  readonly #near = udpSocket();
  /** By the port of who speaks from the near side. */
  readonly #far = new Map<number, Deno.DatagramConn>();
  readonly #target: Deno.NetAddr;
  readonly #loops: Promise<void>[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isClosed = false;

  constructor(target: number, line: LossyLine) {
    this.#line = line;
    this.#target = { transport: "udp", hostname: "127.0.0.1", port: target };
    this.port = (this.#near.addr as Deno.NetAddr).port;
    const lane = this.#lane();
    this.#loops.push(this.#hear(this.#near, (bytes, from) => {
      lane(bytes, (late) => void this.#send(this.#farFor(from), late, this.#target));
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#near.close();
    for (const socket of this.#far.values()) socket.close();
    await Promise.all(this.#loops);
  }

  #farFor(from: Deno.NetAddr): Deno.DatagramConn {
    let socket = this.#far.get(from.port);
    if (socket === undefined) {
      socket = udpSocket();
      this.#far.set(from.port, socket);
      const lane = this.#lane();
      this.#loops.push(this.#hear(socket, (bytes) => {
        lane(bytes, (late) => void this.#send(this.#near, late, from));
      }));
    }
    return socket;
  }

  /** One direction: a queue of its own. */
  #lane(): (bytes: Uint8Array, deliver: (bytes: Uint8Array) => void) => void {
    const { loss, delay, rate, queue, longest = Infinity } = this.#line;
    let free = 0;
    return (bytes, deliver) => {
      this.came++;
      const now = performance.now();
      const begins = Math.max(now, free);
      const isLost = bytes.length > longest || this.#random() < loss ||
        (begins - now) * rate > queue;
      if (isLost) return void this.lost++;
      this.longest = Math.max(this.longest, bytes.length);
      free = begins + bytes.length / rate;
      const copy = bytes.slice();
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        deliver(copy);
      }, free + delay - now);
      this.#timers.add(timer);
    };
  }

  async #hear(
    socket: Deno.DatagramConn,
    onDatagram: (bytes: Uint8Array, from: Deno.NetAddr) => void,
  ): Promise<void> {
    const buffer = new Uint8Array(2048);
    while (!this.#isClosed) {
      try {
        const [bytes, from] = await socket.receive(buffer);
        onDatagram(bytes, from as Deno.NetAddr);
      } catch (error) {
        if (!this.#isClosed && !(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
    }
  }

  async #send(socket: Deno.DatagramConn, bytes: Uint8Array, to: Deno.NetAddr): Promise<void> {
    if (this.#isClosed) return;
    try {
      await socket.send(bytes, to);
    } catch {
      // The other end is gone: so are packets to it.
    }
  }
}
