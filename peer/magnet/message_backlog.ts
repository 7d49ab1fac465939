/**
 * Message backlog: what a peer said before its torrent was known, kept for the torrent.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Message } from "../../protocol/message.ts";

/** Most that one peer may say: the bitfield of two million pieces, or a few thousand HAVEs. */
const MAX_BYTES = 256 * 1024;
/** About what a message without bytes takes. */
const MESSAGE_BYTES = 64;

/** Messages with memory of their own, in order. */
export class MessageBacklog {
  readonly #messages: Message[] = [];
  #bytes = 0;

  /** @throws {ProtocolError} where it becomes too much */
  add(message: Message): void {
    const own = ownCopy(message);
    if (own === undefined) return;
    this.#bytes += MESSAGE_BYTES +
      (own.type === "bitfield" ? own.bytes.length : 0) +
      (own.type === "extended" ? own.payload.length : 0);
    if (this.#bytes > MAX_BYTES) {
      throw new ProtocolError("it sent too much before we have the metadata");
    }
    this.#messages.push(own);
  }

  /** All messages so far; they are no longer kept. */
  take(): Message[] {
    return this.#messages.splice(0);
  }
}

/** The message with its own bytes; undefined for what means nothing later. */
function ownCopy(message: Message): Message | undefined {
  switch (message.type) {
    case "bitfield":
      return { ...message, bytes: message.bytes.slice() };
    case "extended":
      return { ...message, payload: message.payload.slice() };
    case "choke":
    case "unchoke":
    case "interested":
    case "not-interested":
    case "have":
    case "have-all":
    case "have-none":
    case "allowed-fast":
    case "port":
      return message;
    default:
      return undefined;
  }
}
