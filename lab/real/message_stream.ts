/**
 * What one side of a connection says, read as it passes: the handshake, then message by message. Pure.
 *
 * @module
 */
import {
  decodeHandshake,
  type Handshake,
  HANDSHAKE_LENGTH,
  isHandshakePrefix,
} from "../../protocol/handshake.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { MAX_FRAME_LENGTH, type Message } from "../../protocol/message.ts";
import { MessageReader } from "../../protocol/message_reader.ts";

/** A message that owns its memory, without the bytes of a block. */
export type SaidMessage =
  | Exclude<Message, { readonly type: "piece" | "hashes" | "hash-request" | "hash-reject" }>
  | {
    readonly type: "piece";
    readonly piece: number;
    readonly begin: number;
    /** bytes of the block */
    readonly length: number;
    /** Whether they are those of the torrent. */
    readonly isRight: boolean;
  }
  | { readonly type: "hashes" | "hash-request" | "hash-reject" };

/** One thing that was said. */
export type Said =
  & {
    /** Bytes of the stream up to its end. */
    readonly end: number;
    /** Its first bytes: all of a handshake, else at most {@linkcode HEAD}. */
    readonly head: Uint8Array;
    /** Its bytes on the wire. */
    readonly size: number;
  }
  & (
    | { readonly what: "handshake"; readonly handshake: Handshake }
    | { readonly what: "message"; readonly message: SaidMessage; readonly number: number }
    /** The stream is no BitTorrent in clear from here on; `why` is a sentence. */
    | { readonly what: "opaque"; readonly kind: "mse" | "unreadable"; readonly why: string }
  );

/** Bytes of a message that are kept to be shown. */
export const HEAD = 24;
/** Longest extension payload that is kept, in bytes. */
const MAX_PAYLOAD = 1 << 16;

/** Reads one direction of a connection. */
export class MessageStream {
  readonly #reader: MessageReader;
  readonly #isRight: (piece: number, begin: number, block: Uint8Array) => boolean;
  #state: "handshake" | "messages" | "opaque" = "handshake";
  #count = 0;
  /** Bytes of the stream that were read as messages, and that came. */
  #read = 0;
  #came = 0;

  /**
   * @param pieces how many pieces the torrent has, which bounds a bitfield
   * @param isRight whether a block's bytes are those of the torrent
   */
  constructor(
    pieces: number,
    isRight: (piece: number, begin: number, block: Uint8Array) => boolean,
  ) {
    this.#reader = new MessageReader({ maxFrame: Math.max(MAX_FRAME_LENGTH, 16 + pieces / 8) });
    this.#isRight = isRight;
  }

  /** Bytes that came so far. */
  get came(): number {
    return this.#came;
  }

  /** Whether the rest cannot be read. */
  get isOpaque(): boolean {
    return this.#state === "opaque";
  }

  /** Takes the next bytes of the stream: what became whole with them. */
  push(bytes: Uint8Array): Said[] {
    this.#came += bytes.length;
    if (this.#state === "opaque") return [];
    for (let at = 0; at < bytes.length;) {
      const space = this.#reader.space();
      const part = bytes.subarray(at, at + space.length);
      space.set(part);
      this.#reader.commit(part.length);
      at += part.length;
    }
    const said: Said[] = [];
    try {
      for (let one; (one = this.#next()) !== undefined;) {
        said.push(one);
        if (one.what === "opaque") break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      said.push(this.#opaque("unreadable", error.message));
    }
    return said;
  }

  #next(): Said | undefined {
    if (this.#state === "handshake") {
      if (!isHandshakePrefix(this.#reader.peek())) {
        // A peer that encrypts begins with a random key (MSE); nothing else begins like that.
        return this.#opaque("mse", "it does not begin with a BitTorrent handshake");
      }
      const bytes = this.#reader.take(HANDSHAKE_LENGTH);
      if (bytes === undefined) return undefined;
      this.#state = "messages";
      this.#read += HANDSHAKE_LENGTH;
      const head = bytes.slice();
      const handshake = decodeHandshake(bytes);
      return { what: "handshake", handshake, head, size: HANDSHAKE_LENGTH, end: this.#read };
    }
    const message = this.#reader.next();
    if (message === undefined) return undefined;
    const { frame } = this.#reader;
    this.#read += frame.length;
    return {
      what: "message",
      message: this.#owned(message),
      number: ++this.#count,
      head: frame.slice(0, HEAD),
      size: frame.length,
      end: this.#read,
    };
  }

  #opaque(kind: "mse" | "unreadable", why: string): Said {
    const head = this.#reader.peek().slice(0, HEAD);
    this.#state = "opaque";
    return { what: "opaque", kind, why, head, size: head.length, end: this.#came };
  }

  #owned(message: Message): SaidMessage {
    switch (message.type) {
      case "piece": {
        const { type, piece, begin, block } = message;
        return {
          type,
          piece,
          begin,
          length: block.length,
          isRight: this.#isRight(piece, begin, block),
        };
      }
      case "bitfield":
        return { type: "bitfield", bytes: message.bytes.slice() };
      case "extended":
        return { ...message, payload: message.payload.slice(0, MAX_PAYLOAD) };
      case "hashes":
      case "hash-request":
      case "hash-reject":
        return { type: message.type };
      default:
        return message;
    }
  }
}
