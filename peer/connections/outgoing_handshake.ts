/**
 * Outgoing handshake: dials a peer, one transport and encryption after the other, until one leads
 * to a handshake.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Encryption, UtpUse } from "../options.ts";
import type { Socket, Tapping, Transport } from "../ports.ts";
import { encodeHandshake, type Handshake } from "../../protocol/handshake.ts";
import { Connection } from "./connection.ts";
import { encrypt } from "./mse_socket.ts";
import { TcpError } from "./tcp.ts";
import type { KnownPeer } from "../peers/peer_list.ts";
import type { OwnName } from "../peers/swarm_hashes.ts";
import {
  type DialMethod,
  dialMethods,
  dialMethodsAfter,
  type Outcome,
} from "../peers/dial_order.ts";

/** ms that one way may take with its handshake. */
const CALL_MS = 10_000;
/** ms that one way may take to its first byte while other addresses wait to be called. */
const FIRST_BYTE_MS = 3000;
/** How often that is looked at, ms. */
const LOOK_MS = 500;

/** The part of the engine that a call needs. */
export interface DialContext {
  readonly clock: Clock;
  /** Hard to guess. */
  randomBytes(length: number): Uint8Array;
  readonly encryption: Encryption;
  readonly utp: UtpUse;
  /** The listener, if there is one. */
  readonly tapping?: Tapping;
  /** Connects to a peer, over TCP unless told otherwise. */
  dial(host: string, port: number, signal: AbortSignal, transport?: Transport): Promise<Socket>;
}

/**
 * Connects to `known` and says our handshake. A peer that hangs up without a word may want the other
 * kind of encryption, and one that TCP does not reach may be reached over uTP: every way is tried
 * before it counts as a failure; what worked is remembered. While others wait, one that is silent
 * comes back to the other ways in its next call (`known.untried`).
 *
 * @param othersWait whether other addresses wait to be called
 * @throws {TcpError | ProtocolError} where no way leads to a peer with this torrent
 */
export async function call(
  context: DialContext,
  known: KnownPeer,
  own: Handshake & Pick<OwnName, "upgrade">,
  signal: AbortSignal,
  othersWait: () => boolean = () => false,
): Promise<{ connection: Connection; theirs: Handshake }> {
  let ways = [...known.untried ?? dialMethods(context, known.way)];
  known.untried = undefined;
  known.wasSilent = false;
  for (;;) {
    const way = ways.shift()!;
    const attempt = new DialAttempt(context, own, signal, othersWait);
    try {
      const reached = await attempt.open(known, way);
      known.way = way;
      return reached;
    } catch (error) {
      attempt.fail(error instanceof Error ? error.message : String(error));
      const outcome = attempt.outcome(error);
      ways = dialMethodsAfter(way, outcome, ways);
      known.wasSilent ||= outcome === "silent" || attempt.tookLong;
      if (ways.length === 0 || signal.aborted) throw error;
      if (known.wasSilent && othersWait()) {
        known.untried = ways;
        throw error;
      }
    }
  }
}

/** One connection on its way. */
class DialAttempt {
  readonly #context: DialContext;
  readonly #own: Handshake & Pick<OwnName, "upgrade">;
  readonly #signal: AbortSignal;
  readonly #othersWait: () => boolean;
  readonly #cancel = new AbortController();
  #reached: Disposable | undefined;
  #connection: Connection | undefined;

  constructor(
    context: DialContext,
    own: Handshake & Pick<OwnName, "upgrade">,
    signal: AbortSignal,
    othersWait: () => boolean,
  ) {
    this.#context = context;
    this.#othersWait = othersWait;
    this.#own = own;
    this.#signal = signal;
  }

  /** Whether it was given up because nothing came. */
  tookLong = false;

  /** How it failed. */
  outcome(error: unknown): Outcome {
    if (this.#connection?.hasHeard) return "unfit";
    if (this.#reached !== undefined) return this.tookLong ? "silent" : "hung up";
    return error instanceof TcpError && error.kind === "refused" ? "refused" : "no answer";
  }

  async open(
    { host, port }: { host: string; port: number },
    { transport, opening }: DialMethod,
  ): Promise<{ connection: Connection; theirs: Handshake }> {
    const { clock } = this.#context;
    const start = clock.now();
    using _ = clock.every(LOOK_MS, () => this.#look(clock.now() - start));
    const giveUp = () => this.fail("no handshake");
    this.#signal.addEventListener("abort", giveUp);
    try {
      const socket = await this.#context.dial(host, port, this.#cancel.signal, transport);
      this.#reached = socket;
      const { encryption, randomBytes: random } = this.#context;
      const { infoHash } = this.#own;
      const initial = encodeHandshake(this.#own);
      const connection = new Connection(
        opening === "plain"
          ? socket
          : await encrypt(socket, { infoHash, encryption, initial, random }),
        this.#context.tapping,
      );
      this.#connection = connection;
      const theirs = await connection.open(this.#own, { said: opening === "encrypted" });
      this.#cancel.signal.throwIfAborted();
      return { connection, theirs };
    } finally {
      this.#signal.removeEventListener("abort", giveUp);
    }
  }

  /** So many ms have passed without a handshake. */
  #look(passed: number): void {
    const isSilent = this.#connection?.hasSpoken !== true;
    if (passed < CALL_MS && !(isSilent && passed >= FIRST_BYTE_MS && this.#othersWait())) return;
    this.tookLong = true;
    this.fail("no handshake");
  }

  fail(reason: string): void {
    this.#cancel.abort();
    this.#connection?.close(reason);
    this.#reached?.[Symbol.dispose]();
  }
}
