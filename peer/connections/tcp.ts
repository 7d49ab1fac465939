/**
 * TCP (BEP 3): dialling and listening, with Nagle's delay off because the engine corks its own
 * output.
 *
 * @module
 */
import { formatHostPort } from "../../protocol/address.ts";
import type { Socket } from "../ports.ts";
import { loopTurns } from "../../loop/process_loop.ts";

/** Why a socket could not be opened, as a sentence for the user. */
export class TcpError extends Error {
  override name = "TcpError";
  readonly kind: "in use" | "refused" | "address" | "other";

  constructor(kind: TcpError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** How many ports after the wanted one are tried when `next` is set. */
const NEXT_PORTS = 100;
/** Connections the system may hold ready: a class room starts at once. */
const BACKLOG = 1024;
/** Rest in ms after the system refused to accept, as when there are too many open files. */
const ACCEPT_REST = 200;

/** Connects to a peer. Abort `signal` to give up. */
export async function dial(host: string, port: number, signal?: AbortSignal): Promise<Socket> {
  const options = { hostname: host, port };
  try {
    return new TcpSocket(
      await Deno.connect(signal === undefined ? options : { ...options, signal }),
    );
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new TcpError(
      error instanceof Deno.errors.ConnectionRefused ? "refused" : "other",
      `Cannot connect to ${formatHostPort(host, port)}: ${reason(error)}`,
      { cause: error },
    );
  }
}

/**
 * Opens a port for peers.
 *
 * @param options `port` 0 takes any free one; `next` goes on to the ports after a taken one
 * @throws {TcpError} of kind "in use" or "address"
 */
export function listen(options: { host: string; port: number; next?: boolean }): TcpListener {
  const { host, port } = options;
  const last = options.next && port !== 0 ? Math.min(port + NEXT_PORTS, 65535) : port;
  for (let at = port;; at++) {
    try {
      return new TcpListener(Deno.listen({ hostname: host, port: at, tcpBacklog: BACKLOG }));
    } catch (error) {
      const taken = error instanceof Deno.errors.AddrInUse;
      if (taken && at < last) continue;
      if (taken) {
        throw new TcpError(
          "in use",
          `Port ${port} is in use: stop the other program or choose another port`,
          { cause: error },
        );
      }
      throw new TcpError(
        "address",
        `Cannot listen on ${formatHostPort(host, at)}: ${reason(error)}`,
        { cause: error },
      );
    }
  }
}

/** An open port. Iterate over it for the connections that come in, until it is disposed. */
export class TcpListener implements Disposable, AsyncIterable<Socket> {
  readonly host: string;
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.host = listener.addr.hostname;
    this.port = listener.addr.port;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Socket> {
    while (!this.#isClosed) {
      for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
      let conn: Deno.TcpConn;
      try {
        conn = await this.#listener.accept();
      } catch {
        // One caller gone before it was accepted, or no file handle left: neither ends the listener.
        if (!this.#isClosed) await this.#rest();
        continue;
      }
      yield new TcpSocket(conn);
    }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    this.#closed.resolve();
  }

  async #rest(): Promise<void> {
    const rested = Promise.withResolvers<void>();
    const timer = setTimeout(rested.resolve, ACCEPT_REST);
    await Promise.race([rested.promise, this.#closed.promise]);
    clearTimeout(timer);
  }
}

class TcpSocket implements Socket {
  readonly remote: { host: string; port: number };
  readonly local: { host: string; port: number };
  readonly #conn: Deno.TcpConn;
  #isClosed = false;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.remote = plainAddress(conn.remoteAddr);
    this.local = plainAddress(conn.localAddr);
    try {
      conn.setNoDelay(true);
    } catch {
      // The other end is gone already; the first read says so.
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
    try {
      return await this.#conn.read(into);
    } catch (error) {
      if (this.#isClosed) return null;
      throw error;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }
}

/** A listener on `::` sees IPv4 callers as mapped addresses: show them as what they are. */
function plainAddress({ hostname, port }: Deno.NetAddr): { host: string; port: number } {
  return { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}

/** The system's words without its error number. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)/, "").replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase());
}
