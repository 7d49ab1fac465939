/**
 * What was said on a wire, in words and in bytes. Pure.
 *
 * @module
 */
import type { Said, SaidMessage } from "./message_stream.ts";

/** `message 21: request piece 9, begin 16384, length 16384 (00 00 00 0d 06 …)`. */
export function messageWords(said: Said): string {
  const bytes = [...said.head].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const shown = `(${bytes}${said.size > said.head.length ? " …" : ""})`;
  if (said.what === "handshake") return `handshake ${shown}`;
  if (said.what === "opaque") return `bytes ${shown}`;
  return `message ${said.number}: ${wordsOf(said.message)} ${shown}`;
}

/** A message without its bytes, e.g. `have piece 7`. */
export function wordsOf(message: SaidMessage): string {
  switch (message.type) {
    case "have":
    case "suggest":
    case "allowed-fast":
      return `${message.type} piece ${message.piece}`;
    case "request":
    case "cancel":
    case "reject":
      return `${message.type} piece ${message.piece}, begin ${message.begin}, length ${message.length}`;
    case "piece":
      return `block of piece ${message.piece}, begin ${message.begin}, length ${message.length}`;
    case "extended":
      return `extended ${message.id}`;
    case "unknown":
      return `ID ${message.id}`;
    default:
      return message.type;
  }
}
