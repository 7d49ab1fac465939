/**
 * Messages in the words of a report.
 *
 * @module
 */
import type { Message } from "../../protocol/mod.ts";

/** What a student's program said, as {@linkcode Heard} keeps it. */
type Said = Message | { readonly type: "handshake" } | {
  readonly type: "garbage";
  readonly problem: string;
};

/** `request: piece 9, begin 16384, length 3616`. */
export function messageWords(message: Said): string {
  switch (message.type) {
    case "request":
    case "cancel":
    case "reject":
      return `${message.type}: piece ${message.piece}, begin ${message.begin}, ` +
        `length ${message.length}`;
    case "piece":
      return `piece: piece ${message.piece}, begin ${message.begin}, ` +
        `${message.block.length} bytes`;
    case "have":
    case "suggest":
    case "allowed-fast":
      return `${message.type}: piece ${message.piece}`;
    case "bitfield":
      return `bitfield of ${message.bytes.length} bytes`;
    case "extended":
      return `extended message ${message.id} of ${message.payload.length} bytes`;
    case "handshake":
      return "the handshake";
    case "garbage":
      return message.problem;
    case "port":
      return `port: ${message.port}`;
    case "unknown":
      return `a message with ID ${message.id}`;
    default:
      return message.type;
  }
}

/** Hexadecimal, a space between two bytes. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
