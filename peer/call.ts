/**
 * Calling a peer: one way after the other until one leads to a handshake.
 *
 * @module
 */
import { encodeHandshake, type Handshake } from "../protocol/handshake.ts";
import type { EngineContext } from "./context.ts";
import { Connection } from "./io/connection.ts";
import { encrypt } from "./io/mse_socket.ts";
import { TcpError } from "./io/tcp.ts";
import type { KnownPeer } from "./logic/peer_pool.ts";
import type { OwnName } from "./logic/swarm_names.ts";
import { type Outcome, type Way, waysAfter, waysTo } from "./logic/ways.ts";

/** ms that one way may take with its handshake. */
const CALL_MS = 10_000;

/** What of the engine a call needs. */
type CallContext =
  & Pick<EngineContext, "dial" | "encryption" | "utp">
  & Partial<Pick<EngineContext, "tapping">>;

/**
 * Connects to `known` and says our handshake. A peer that hangs up without a word may want the other
 * kind of encryption, and one that TCP does not reach may be reached over uTP: that is tried before
 * it counts as a failure; what worked is remembered.
 *
 * @throws {TcpError | ProtocolError} where no way leads to a peer with this torrent
 */
export async function call(
  context: CallContext,
  known: KnownPeer,
  own: Handshake & Pick<OwnName, "upgrade">,
  signal: AbortSignal,
): Promise<{ connection: Connection; theirs: Handshake }> {
  let ways = waysTo(context, known.way);
  for (;;) {
    const way = ways.shift()!;
    const attempt = new Attempt(context, own, signal);
    try {
      const reached = await attempt.open(known, way);
      known.way = way;
      return reached;
    } catch (error) {
      attempt.fail(error instanceof Error ? error.message : String(error));
      ways = waysAfter(way, attempt.outcome(error), ways);
      if (ways.length === 0 || signal.aborted) throw error;
    }
  }
}

/** One connection on its way. */
class Attempt {
  readonly #context: CallContext;
  readonly #own: Handshake & Pick<OwnName, "upgrade">;
  readonly #signal: AbortSignal;
  readonly #cancel = new AbortController();
  #reached: Disposable | undefined;
  #connection: Connection | undefined;

  constructor(
    context: CallContext,
    own: Handshake & Pick<OwnName, "upgrade">,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.#own = own;
    this.#signal = signal;
  }

  /** How it failed. */
  outcome(error: unknown): Outcome {
    if (this.#connection?.hasHeard) return "unfit";
    if (this.#reached !== undefined) return "hung up";
    return error instanceof TcpError && error.kind === "refused" ? "refused" : "no answer";
  }

  async open(
    { host, port }: { host: string; port: number },
    { transport, opening }: Way,
  ): Promise<{ connection: Connection; theirs: Handshake }> {
    const timer = setTimeout(() => this.fail("no handshake"), CALL_MS);
    const giveUp = () => this.fail("no handshake");
    this.#signal.addEventListener("abort", giveUp);
    try {
      const socket = await this.#context.dial(host, port, this.#cancel.signal, transport);
      this.#reached = socket;
      const { encryption } = this.#context;
      const { infoHash } = this.#own;
      const initial = encodeHandshake(this.#own);
      const connection = new Connection(
        opening === "plain" ? socket : await encrypt(socket, { infoHash, encryption, initial }),
        this.#context.tapping,
      );
      this.#connection = connection;
      const theirs = await connection.open(this.#own, { said: opening === "encrypted" });
      this.#cancel.signal.throwIfAborted();
      return { connection, theirs };
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener("abort", giveUp);
    }
  }

  fail(reason: string): void {
    this.#cancel.abort();
    this.#connection?.close(reason);
    this.#reached?.[Symbol.dispose]();
  }
}
