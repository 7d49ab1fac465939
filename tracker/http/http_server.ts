/**
 * An HTTP/1.1 server of our own: what `Deno.serve` does not offer is limits.
 *
 * A client may be slow, silent, greedy or one of thousands: heads, bodies, times and connections
 * are bounded, and one coarse timer looks after all of them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { PlainGetReader } from "./plain_get.ts";
import { formatIp, parseIp } from "../../protocol/address.ts";
import { ConnectionLimit, type Excess } from "./connection_limit.ts";
import { formatReplyHead, ReplyHeads, textReply } from "./http_reply.ts";
import { ByteWriter } from "./byte_writer.ts";
import { BodyBudget } from "./http_body.ts";
import { HttpConnection } from "./http_connection.ts";
import { type HttpHost, type HttpLimits, Pool } from "./http_host.ts";
import { type QueryRoute, type Route, routeOf, RouteTable } from "./route.ts";
import { startError } from "../contract/start_error.ts";
import { loopTurns } from "../../loop/process_loop.ts";

/** Where nothing else is said. */
export const DEFAULT_LIMITS: HttpLimits = {
  requestMs: 10_000,
  idleMs: 60_000,
  perAddress: 256,
  total: 16_384,
  proxies: 0,
  sweepMs: 1000,
};

/** Room for what comes in on one connection at first: a usual announce fits. */
const FIRST_INPUT = 2048;
const FIRST_OUTPUT = 4096;
/** Larger ones are not kept. */
const LARGEST_KEPT = 64 * 1024;
const KEPT = 256;
/** Bodies of all connections that are being read, bytes. */
const BODIES = 64 << 20;
/** No more connections can be had from the system: wait before asking again, ms. */
const ACCEPT_PAUSE = 100;
/** For requests under way when the server closes, ms. */
const CLOSE_MS = 2000;
/** With more than this part of all connections in use, idle ones are closed soon. */
const CROWDED = 0.75;
const CROWDED_IDLE_MS = 2000;

/** A server that answers its routes until it is disposed. */
export class HttpServer implements HttpHost, AsyncDisposable {
  readonly limits: HttpLimits;
  readonly routes: RouteTable;
  readonly hot: QueryRoute | undefined;
  readonly plain: PlainGetReader;
  readonly address: Deno.NetAddr;
  readonly inputs: Pool<Buffer> = new Pool<Buffer>(
    () => Buffer.allocUnsafeSlow(FIRST_INPUT),
    ({ length }) => length <= LARGEST_KEPT,
    KEPT,
  );
  readonly outputs: Pool<ByteWriter> = new Pool(
    () => new ByteWriter(FIRST_OUTPUT),
    (writer) => {
      writer.length = 0;
      return writer.capacity <= LARGEST_KEPT;
    },
    KEPT,
  );
  readonly bodies: BodyBudget = new BodyBudget(BODIES);
  now: number = performance.now();
  heads: ReplyHeads = new ReplyHeads(new Date().toUTCString());
  readonly #listener: Deno.TcpListener;
  readonly #onFault: (remote: string, error: unknown) => void;
  readonly #quota: ConnectionLimit;
  readonly #connections = new Set<HttpConnection>();
  /** Resolves once no connection is left, where somebody waits for that. */
  #whenEmpty: PromiseWithResolvers<void> | undefined;
  readonly #sweeper: ReturnType<typeof setInterval>;
  readonly #accepting: Promise<void>;
  #isClosing = false;

  /** @throws {TrackerStartError} where the port cannot be had */
  constructor(options: {
    host: string;
    port: number;
    routes: readonly Route[];
    /** The one that nearly all requests ask for. */
    hot?: QueryRoute;
    limits?: Partial<HttpLimits>;
    /** Something went wrong that should not; the client heard "internal error" at most. */
    onFault: (remote: string, error: unknown) => void;
  }) {
    const { host, port } = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    const { hot } = options;
    this.hot = hot;
    this.plain = new PlainGetReader(hot?.path ?? "");
    this.routes = new RouteTable(hot ? [routeOf(hot), ...options.routes] : options.routes);
    this.#onFault = options.onFault;
    const { perAddress, total, proxies } = this.limits;
    // Behind a proxy all connections are the proxy's.
    this.#quota = new ConnectionLimit({ perAddress: proxies > 0 ? Infinity : perAddress, total });
    try {
      this.#listener = Deno.listen({ hostname: host, port });
    } catch (error) {
      throw startError(error, host, `Port ${port}`);
    }
    this.address = this.#listener.addr as Deno.NetAddr;
    this.#sweeper = setInterval(() => {
      try {
        this.#sweep();
      } catch (error) {
        this.#onFault("-", error);
      }
    }, this.limits.sweepMs);
    this.#accepting = this.#accept();
  }

  /** Connections that are open. */
  get size(): number {
    return this.#quota.size;
  }

  onClosed(connection: HttpConnection, address: Uint8Array): void {
    this.#connections.delete(connection);
    this.#quota.giveBack(address);
    if (this.#connections.size === 0) this.#whenEmpty?.resolve();
  }

  onFault(remote: string, error: unknown): void {
    this.#onFault(remote, error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#listener.close();
    for (const connection of this.#connections) connection.finish();
    const patience = setTimeout(() => {
      for (const connection of this.#connections) connection.close();
    }, CLOSE_MS);
    await this.#accepting;
    if (this.#connections.size > 0) {
      this.#whenEmpty = Promise.withResolvers();
      await this.#whenEmpty.promise;
    }
    clearTimeout(patience);
    clearInterval(this.#sweeper);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosing) {
      for (let turn; (turn = loopTurns.due()) !== undefined;) await turn;
      let conn: Deno.TcpConn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        const { ConnectionAborted, ConnectionReset } = Deno.errors;
        if (error instanceof ConnectionAborted || error instanceof ConnectionReset) continue;
        if (this.#isClosing) return;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
        continue;
      }
      try {
        this.#take(conn);
      } catch (error) {
        conn.close();
        this.#onFault(conn.remoteAddr.hostname, error);
      }
    }
  }

  #take(conn: Deno.TcpConn): void {
    const { hostname } = conn.remoteAddr;
    const address = parseIp(hostname);
    if (address === undefined) return conn.close();
    const excess = this.#quota.take(address);
    if (excess !== undefined) return this.#turnAway(conn, excess);
    const remote = hostname.startsWith("::") ? formatIp(address) : hostname;
    const connection = new HttpConnection(conn, address, remote, this);
    this.#connections.add(connection);
    connection.serve();
  }

  /** Says why, as far as that goes without waiting. */
  #turnAway(conn: Deno.TcpConn, excess: Excess): void {
    const reply = excess === "address"
      ? textReply(429, "too many connections from your address\n")
      : textReply(503, "too many connections\n");
    const head = formatReplyHead(
      { ...reply, headers: { "Retry-After": "60" } },
      "close",
      this.heads.date,
    );
    const writer = new ByteWriter(head.length + 64);
    for (const part of [head, ...reply.body]) writer.write(part);
    conn.write(writer.written).finally(() => conn.close()).catch(() => {});
  }

  #sweep(): void {
    this.now = performance.now();
    const date = new Date().toUTCString();
    if (date !== this.heads.date) this.heads = new ReplyHeads(date);
    const { idleMs, total } = this.limits;
    const isCrowded = this.#quota.size > total * CROWDED;
    const idleDeadline = this.now + idleMs - Math.min(idleMs, CROWDED_IDLE_MS);
    for (const connection of this.#connections) {
      const { deadline, isIdle } = connection;
      if (deadline < this.now || (isCrowded && isIdle && deadline < idleDeadline)) {
        connection.expire();
      }
    }
  }
}
