/**
 * What was said on a wire, in words and in bytes. Pure.
 *
 * @module
 */
import type { Said, SaidMessage } from "./message_stream.ts";

/** `message 21: request piece 9, begin 16384, length 16384 (00 00 00 0d 06 …)`. */
export function messageWords(said: Said): string {
  const number = said.what === "message" ? `message ${said.number}: ` : "";
  return `${number}${saidIn(said)} (${bytesInHex(said)})`;
}

/** The same without number and bytes. */
export function saidIn(said: Said): string {
  if (said.what === "handshake") return "handshake";
  return said.what === "opaque" ? "bytes" : wordsOf(said.message);
}

/** What it is, without what it says: `request`. */
export function kindOf(said: Said): string {
  return said.what === "message" ? said.message.type : said.what;
}

/** Its first bytes: `00 00 00 01 02`. */
export function bytesInHex({ head, size }: Said): string {
  const bytes = [...head].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return size > head.length ? `${bytes} …` : bytes;
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
      return message.id === 0 ? "extension handshake" : `extension message ${message.id}`;
    case "unknown":
      return `ID ${message.id}`;
    default:
      return message.type;
  }
}
