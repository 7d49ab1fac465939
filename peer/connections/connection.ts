/**
 * One socket that speaks BitTorrent: handshake, read loop, one corked write per turn.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import {
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  HANDSHAKE_LENGTH,
  isHandshakePrefix,
} from "../../protocol/handshake.ts";
import type { Message } from "../../protocol/message.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { MessageWriter } from "../../protocol/message_writer.ts";
import type { Protection, Socket, Tapping, Transport } from "../ports.ts";

/** Whoever owns a connection. All calls are synchronous: views in messages live that long. */
export interface ConnectionOwner {
  onMessage(message: Message): void;
  /** All messages of one read were given out. */
  onBatch(): void;
  /** All output was handed to the system: there is room for more. */
  onDrained(): void;
}

/** Bytes that may wait for a peer that goes on talking and does not read: far more than one write. */
const MAX_WAITING = 4 << 20;

/** Answers a caller that begins with anything but a BitTorrent handshake, of which `begun` came. */
export type Unlock = (socket: Socket, begun: Uint8Array) => Promise<Socket>;

/** Bytes in, messages out, and back. Closing it is the way to cancel anything under way. */
export class Connection implements Disposable {
  readonly writer: MessageWriter;
  readonly remote: Socket["remote"];
  readonly local: Socket["local"] | undefined;
  readonly #tapping: Tapping | undefined;
  #socket: Socket;
  readonly #reader: MessageReader;
  #owner: ConnectionOwner | undefined;
  #flushing = false;
  #closeReason: string | undefined;
  #hasHeard = false;
  #hasSpoken = false;
  /** What went wrong while writing and nobody expects: `run` throws it where its torrent is known. */
  #fault: { readonly error: unknown } | undefined;

  /** @param tapping who listens in, if anybody */
  constructor(socket: Socket, tapping?: Tapping) {
    this.#socket = socket;
    this.#tapping = tapping;
    this.remote = socket.remote;
    this.local = socket.local;
    this.#reader = new MessageReader();
    this.writer = new MessageWriter(() => {
      if (!this.#flushing) queueMicrotask(() => void this.#flush());
    });
  }

  /** Why it was closed; undefined while it is open. */
  get closeReason(): string | undefined {
    return this.#closeReason;
  }

  get transport(): Transport {
    return this.#socket.transport ?? "tcp";
  }

  get protection(): Protection {
    return this.#socket.protection ?? "none";
  }

  /** Whether anything came before the other's handshake, or with it. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Whether something waits for the other end to read. */
  get isSending(): boolean {
    return this.#flushing;
  }

  /** Whether the other's handshake came. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /**
   * Says our handshake (unless it is `said` already) and hears the other's.
   *
   * @param own `upgrade`: the other may answer with this info hash in place of ours (BEP 52)
   * @throws {ProtocolError} where it is none, or for another torrent
   */
  async open(
    own: Handshake & { readonly upgrade?: Uint8Array },
    { said = false } = {},
  ): Promise<Handshake> {
    if (said) this.#tapping?.current?.wire(this, "sent", encodeHandshake(own));
    else this.writer.raw(encodeHandshake(own));
    const theirs = await this.hear();
    const names = own.upgrade === undefined ? [own.infoHash] : [own.infoHash, own.upgrade];
    if (!names.some((name) => equalBytes(theirs.infoHash, name))) {
      throw new ProtocolError("it serves another torrent");
    }
    return theirs;
  }

  /**
   * Hears the other's handshake first; `answer` is ours to say.
   *
   * @param unlock what to do with a caller that begins with something else: it may be encrypted
   * @throws {ProtocolError} where it is none
   */
  async hear(unlock?: Unlock): Promise<Handshake> {
    for (;;) {
      if (!isHandshakePrefix(this.#reader.peek())) {
        if (unlock === undefined || this.#socket.protection !== undefined) {
          throw new ProtocolError("it does not speak BitTorrent");
        }
        this.#socket = await unlock(this.#socket, this.#reader.take(this.#reader.peek().length)!);
      }
      const bytes = this.#reader.take(HANDSHAKE_LENGTH);
      if (bytes !== undefined) {
        this.#hasHeard = true;
        this.#tapping?.current?.wire(this, "received", bytes);
        return decodeHandshake(bytes);
      }
      if (!await this.#read()) throw new ProtocolError("it closed during the handshake");
      this.#hasSpoken = true;
    }
  }

  answer(own: Handshake): void {
    this.writer.raw(encodeHandshake(own));
  }

  /** Gives messages to the owner until the connection ends; why it ended. */
  async run(owner: ConnectionOwner): Promise<string> {
    this.#owner = owner;
    try {
      do {
        for (let message; this.#isOpen && (message = this.#reader.next()) !== undefined;) {
          this.#tapping?.current?.wire(this, "received", this.#reader.frame);
          owner.onMessage(message);
        }
        if (this.#isOpen) owner.onBatch();
        if (this.writer.length > MAX_WAITING) {
          throw new ProtocolError("it does not read our replies");
        }
      } while (this.#isOpen && await this.#read());
      this.close("it closed the connection");
    } catch (error) {
      this.close(error instanceof ProtocolError ? error.message : reasonOf(error));
      if (!isExpected(error) && this.#fault === undefined) throw error;
    }
    if (this.#fault !== undefined) throw this.#fault.error;
    return this.#closeReason!;
  }

  /** Ends it; the first reason stands. */
  close(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#tapping?.current?.link(this, { ended: reason });
    this.#socket[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close("closed");
  }

  /** A method, not a field, so that the compiler does not believe it constant across awaits. */
  get #isOpen(): boolean {
    return this.#closeReason === undefined;
  }

  async #read(): Promise<boolean> {
    const count = await this.#socket.read(this.#reader.space());
    if (count === null) return false;
    this.#reader.commit(count);
    return true;
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      while (this.#isOpen && this.writer.length > 0) {
        const bytes = this.writer.take();
        this.#tapping?.current?.wire(this, "sent", bytes);
        for (let done = 0; done < bytes.length;) {
          done += await this.#socket.write(bytes.subarray(done));
        }
        if (this.#isOpen) this.#owner?.onDrained();
      }
    } catch (error) {
      if (!isExpected(error)) this.#fault ??= { error };
      this.close(reasonOf(error));
    } finally {
      this.#flushing = false;
    }
  }
}

/** What sockets and peers do to us; anything else is a bug and must surface. */
function isExpected(error: unknown): boolean {
  // The system's own errors have its name for them: some (a network or host that is gone) no class.
  if (/^E[A-Z0-9]+$/.test(String((error as { code?: unknown } | undefined)?.code))) return true;
  return error instanceof ProtocolError || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.TimedOut || error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.UnexpectedEof;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionReset) return "connection reset";
  if (error instanceof Deno.errors.BrokenPipe) return "it closed the connection";
  if (error instanceof Deno.errors.TimedOut) return "timed out";
  return error instanceof Error ? error.message : String(error);
}
