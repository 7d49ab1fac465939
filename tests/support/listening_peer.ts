/**
 * A peer that waits to be called, over TCP, uTP or both at one port, and counts the calls.
 *
 * @module
 */
import type { Socket } from "../../peer/ports.ts";
import { UtpEndpoint } from "../../peer/utp/utp_socket.ts";
import { FakePeer } from "./fake_peer.ts";
import type { ByteStream } from "./connect_from.ts";
import { listenDatagram } from "../../peer/connections/udp.ts";
import { REAL_CLOCK } from "../../peer/engine/real_world.ts";

/** How it treats calls of one transport: takes them, or takes them and hangs up at once. */
export type Takes = "takes" | "hangs up";

export interface ListeningOptions {
  readonly tcp?: Takes | undefined;
  readonly utp?: Takes | undefined;
}

/** Dispose it to hang up everything. */
export class ListeningPeer implements AsyncDisposable {
  readonly port: number;
  /** When calls came (`performance.now`), by transport. */
  readonly calls = { tcp: [] as number[], utp: [] as number[] };
  readonly #act: (peer: FakePeer) => Promise<void>;
  readonly #tcp: Deno.TcpListener | undefined;
  readonly #utp: UtpEndpoint | undefined;
  readonly #background: Promise<void>[] = [];
  readonly #open = new Set<{ close(): void }>();

  /** @param act what it does with whoever calls, from the handshake on */
  constructor({ tcp, utp }: ListeningOptions, act: (peer: FakePeer) => Promise<void>) {
    this.#act = act;
    const hostname = "127.0.0.1";
    if (tcp !== undefined) {
      this.#tcp = Deno.listen({ hostname, port: 0 });
      this.#background.push(this.#accept(this.#tcp, tcp));
    }
    if (utp !== undefined) {
      this.#utp = new UtpEndpoint({
        host: hostname,
        port: (this.#tcp?.addr as Deno.NetAddr | undefined)?.port ?? 0,
        clock: REAL_CLOCK,
        listenDatagram,
        random: Math.random,
        onCall: (socket) => this.#onCall("utp", streamOf(socket), utp),
      });
    }
    this.port = this.#utp?.port ?? (this.#tcp!.addr as Deno.NetAddr).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tcp?.close();
    for (const stream of this.#open) stream.close();
    await this.#utp?.[Symbol.asyncDispose]();
    await Promise.all(this.#background);
  }

  async #accept(listener: Deno.TcpListener, takes: Takes): Promise<void> {
    for await (const stream of listener) this.#onCall("tcp", stream, takes);
  }

  #onCall(transport: "tcp" | "utp", stream: ByteStream, takes: Takes): void {
    this.calls[transport].push(performance.now());
    const peer = new FakePeer(stream);
    if (takes === "hangs up") return peer[Symbol.dispose]();
    const open = { close: () => peer[Symbol.dispose]() };
    this.#open.add(open);
    const served = this.#act(peer).catch((error) => {
      // Whoever has everything may hang up while something is said to it.
      if (!isEnd(error)) throw error;
    }).finally(() => {
      open.close();
      this.#open.delete(open);
    });
    this.#background.push(served);
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Error && error.message === "closed during the handshake";
}

function streamOf(socket: Socket): ByteStream {
  return {
    read: (into) => socket.read(into),
    write: (bytes) => socket.write(bytes),
    close: () => socket[Symbol.dispose](),
  };
}
