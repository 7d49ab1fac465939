/**
 * A peer over a real socket that says what a test tells it to, right or wrong.
 *
 * @module
 */
import {
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  HANDSHAKE_LENGTH,
} from "../../protocol/handshake.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import type { HashRange, Message } from "../../protocol/message.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { MessageWriter } from "../../protocol/message_writer.ts";
import type { ByteStream } from "./connect_from.ts";

/** One connection to the program under test. */
export class FakePeer implements Disposable {
  readonly #conn: ByteStream;
  readonly #reader = new MessageReader();
  readonly say: MessageWriter = new MessageWriter(() => {});
  #closed = false;

  constructor(conn: ByteStream) {
    this.#conn = conn;
  }

  static async connect(port: number): Promise<FakePeer> {
    return new FakePeer(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Says a handshake and, unless told otherwise, hears one. */
  async handshake(
    infoHash: Uint8Array,
    options: {
      peerId?: Uint8Array;
      hear?: boolean;
      fast?: boolean;
      extended?: boolean;
      v2?: boolean;
    } = {},
  ): Promise<Handshake | undefined> {
    const peerId = options.peerId ?? crypto.getRandomValues(new Uint8Array(20));
    const fast = options.fast ?? false;
    const extended = options.extended ?? false;
    const v2 = options.v2 ?? false;
    this.say.raw(encodeHandshake({ infoHash, peerId, fast, extended, dht: false, v2 }));
    await this.flush();
    if (options.hear === false) return undefined;
    for (;;) {
      const bytes = this.#reader.take(HANDSHAKE_LENGTH);
      if (bytes !== undefined) return decodeHandshake(bytes);
      if (!await this.#read()) throw new Error("closed during the handshake");
    }
  }

  /** Sends all that was said. */
  async flush(): Promise<void> {
    const bytes = this.say.take();
    for (let done = 0; done < bytes.length;) {
      done += await this.#conn.write(bytes.subarray(done));
    }
  }

  /** Raw bytes, as wrong as you like. */
  async raw(bytes: Uint8Array): Promise<void> {
    this.say.raw(bytes);
    await this.flush();
  }

  /** The next message; undefined at the end of the connection. */
  async hear(): Promise<Message | undefined> {
    for (;;) {
      const message = this.#reader.next();
      if (message !== undefined) return message;
      if (!await this.#read()) return undefined;
    }
  }

  /** Hears messages until one of a kind comes; undefined where the connection ends first. */
  async hearUntil(type: Message["type"]): Promise<Message | undefined> {
    for (;;) {
      const message = await this.hear();
      if (message === undefined || message.type === type) return message;
    }
  }

  /** Resolves when the other end has closed, whatever it says before. */
  async closed(): Promise<void> {
    while (await this.#read()) this.#reader.take(this.#reader.peek().length);
  }

  /**
   * Serves a torrent's blocks to whoever asks, until the connection ends.
   *
   * @param block the bytes to send for a request; undefined for silence
   * @param hashes what to answer to who asks for hashes; undefined for silence
   */
  async seed(
    pieceCount: number,
    block: (piece: number, begin: number, length: number) => Uint8Array | undefined,
    hashes: (range: HashRange) => Uint8Array | undefined = () => undefined,
  ): Promise<void> {
    const bits = new Uint8Array(Math.ceil(pieceCount / 8)).fill(0xff);
    if (pieceCount % 8 !== 0) bits[bits.length - 1] = 0xff << (8 - pieceCount % 8);
    this.say.bitfield(bits);
    this.say.unchoke();
    await this.flush();
    for (let message; (message = await this.hear()) !== undefined;) {
      if (message.type === "hash-request") {
        const answer = hashes(message);
        if (answer === undefined) continue;
        this.say.hashes(message, answer);
      } else if (message.type === "request" && message.length <= BLOCK_LENGTH) {
        const bytes = block(message.piece, message.begin, message.length);
        if (bytes === undefined) continue;
        this.say.piece(message.piece, message.begin, bytes);
      } else continue;
      try {
        await this.flush();
      } catch {
        return; // it hung up on us, which is what some tests want
      }
    }
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #read(): Promise<boolean> {
    try {
      const count = await this.#conn.read(this.#reader.space());
      if (count === null) return false;
      this.#reader.commit(count);
      return true;
    } catch (error) {
      // A reset is an end too; disposing while we wait is the test's way to stop.
      if (
        error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted
      ) return false;
      throw error;
    }
  }
}
