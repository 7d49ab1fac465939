/**
 * What an attacker has at hand: calls from an address of its own, ports there, datagrams, announces,
 * and loops that end with the attack. A new attacker is a row of a table made of these.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { type AnnounceRequest, formatAnnounceQuery } from "../../protocol/announce.ts";
import { announceRequest } from "../support/announce_request.ts";
import { type ByteStream, byteStreamOf, connectFrom } from "../support/connect_from.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { seededRandom } from "../support/random.ts";
import type { HonestSwarm, Role } from "./honest_swarm.ts";

/** Where attackers are unless they say otherwise; the honest ones are at 127.0.0.1. */
export const ATTACKER = "127.0.0.66";

/** One more address, for attackers that are many. */
export function addressOf(index: number): string {
  return `127.0.0.${100 + index}`;
}

/** Every other caller is the seed's, the rest are the leech's. */
export function victim(index: number): "seed" | "leech" {
  return index % 2 === 0 ? "seed" : "leech";
}

/** One row of the zoo. */
export interface Attacker {
  /** Completes "an honest download beside …". */
  readonly name: string;
  /** How the honest leech comes to its torrent. Default: by name. */
  readonly way?: "name" | "link";
  /** Whether it can do nothing before the download has begun. Default false. */
  readonly isLate?: boolean;
  /** Begins the attack, which goes on until `attack.isOver`. */
  begin(attack: Attack): void;
}

/** A running attack on one honest swarm. */
export class Attack implements AsyncDisposable {
  readonly swarm: HonestSwarm;
  readonly random: () => number = seededRandom(7);
  readonly #open = new Set<{ close(): void }>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #over = new AbortController();
  readonly #struck = Promise.withResolvers<void>();
  #count = 0;

  constructor(swarm: HonestSwarm) {
    this.swarm = swarm;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Hostile acts so far: none would mean that nothing was tested. */
  get count(): number {
    return this.#count;
  }

  /** Resolves with the first hostile act. */
  get struck(): Promise<void> {
    return this.#struck.promise;
  }

  /** Tells that something hostile was done. */
  strike(): void {
    this.#count++;
    this.#struck.resolve();
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => Math.floor(this.random() * 256));
  }

  /** Resolves after so many ms, or when the attack is over. */
  pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const signal = this.#over.signal;
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => clearTimeout(timer));
  }

  /**
   * So many attackers side by side, each at it again and again, at least `every` ms apart. What
   * ends an act is no fault of the test: the victim may hang up.
   */
  crowd(size: number, every: number, act: (index: number, round: number) => Promise<void>): void {
    for (let index = 0; index < size; index++) {
      this.#keep((async () => {
        for (let round = 0; !this.isOver; round++) {
          try {
            await act(index, round);
          } catch {
            // Turned away or cut off.
          }
          await this.pause(every);
        }
      })());
    }
  }

  /** A connection to an honest program. */
  async call(role: Role, from: string = ATTACKER): Promise<ByteStream & Disposable> {
    const stream = await connectFrom(from, this.swarm.ports[role]);
    const entry = { close: () => stream.close() };
    if (this.isOver) stream.close();
    else this.#open.add(entry);
    return {
      ...stream,
      [Symbol.dispose]: () => {
        this.#open.delete(entry);
        stream.close();
      },
    };
  }

  /** The same with the handshake of the swarm said and heard. */
  async peer(
    role: "seed" | "leech",
    { from = ATTACKER, ...options }: Parameters<FakePeer["handshake"]>[1] & { from?: string } = {},
  ): Promise<FakePeer> {
    const peer = new FakePeer(await this.call(role, from));
    await peer.handshake(this.swarm.infoHash, options);
    return peer;
  }

  /** Hears and drops what a connection says until it ends. */
  async hold(stream: ByteStream): Promise<void> {
    const buffer = new Uint8Array(65536);
    while (await stream.read(buffer) !== null);
  }

  /** A port of the attacker's that serves whoever calls, however that ends; its number. */
  async listen(
    serve: (stream: ByteStream) => Promise<void> | void,
    from: string = ATTACKER,
  ): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
      Promise.resolve(serve(byteStreamOf(socket))).catch(() => socket.destroy());
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen({ host: from, port: 0 }, () => resolve());
    await promise;
    this.#open.add({
      close() {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    return (server.address() as { port: number }).port;
  }

  /** A UDP socket; what comes is dropped unless `hear` takes it. */
  datagrams(from: string = ATTACKER, hear: (bytes: Uint8Array) => void = () => {}): {
    send(bytes: Uint8Array, role: Role): Promise<void>;
  } {
    const socket = Deno.listenDatagram({ transport: "udp", hostname: from, port: 0 });
    this.#open.add(socket);
    this.#keep((async () => {
      try {
        for await (const [bytes] of socket) hear(bytes);
      } catch {
        // Closed.
      }
    })());
    return {
      send: async (bytes, role) => {
        const port = this.swarm.ports[role];
        await socket.send(bytes, { transport: "udp", hostname: "127.0.0.1", port });
        this.strike();
      },
    };
  }

  /** Says something to the tracker over HTTP, right or wrong; what it answers is dropped. */
  async http(text: string | Uint8Array, from: string = ATTACKER): Promise<void> {
    using stream = await this.call("tracker", from);
    await stream.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
    this.strike();
    await this.hold(stream);
  }

  /** An announce of a port at the attacker's address. */
  async announce(
    fields: Partial<AnnounceRequest> & { port: number },
    from: string = ATTACKER,
  ): Promise<void> {
    const { infoHash } = this.swarm;
    const facts = announceRequest(fields.port, { infoHash, left: 0, numwant: 200, ...fields });
    const target = `/announce?${formatAnnounceQuery(facts)}`;
    await this.http(`GET ${target} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n`, from);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    for (const open of this.#open) open.close();
    await Promise.all(this.#tasks);
  }

  #keep(task: Promise<void>): void {
    this.#tasks.add(task);
  }
}
