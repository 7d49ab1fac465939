/**
 * Packet boundaries: how messages are cut into packets. TCP promises the bytes and their order, and
 * nothing of where a read ends: a program that takes one read for one message fails under one of
 * these.
 *
 * @module
 */
import { concatBytes } from "../../protocol/mod.ts";

/**
 * - `plain`: every message in a packet of its own, the next one a few milliseconds later.
 * - `joined`: all that is said at one time in one packet.
 * - `bytes`: the first bytes of every message one by one, its rest in pieces.
 * - a number: packets of so many bytes, wherever messages begin and end.
 */
export type Cutting = "plain" | "joined" | "bytes" | number;

/** Part of the stream to be written at once, and ms to wait behind it. */
export interface Packet {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pause: number;
}

/** Bytes of a message that is likely to be read together with the next one on a busy machine. */
const SMALL = 1000;
/** ms between such messages where each is to be read by itself. */
const APART = 25;

/** Bytes of a message that go one by one: more than length, ID, piece and begin. */
const SINGLE = 24;
/** Bytes of each packet behind them. */
const REST = 1200;

/** The packets in which `messages`, said at one time, leave. */
export function packetsOf(messages: readonly Uint8Array[], cutting: Cutting): Packet[] {
  if (cutting === "plain") {
    return messages.map((bytes) => ({
      bytes: bytes.slice(),
      pause: bytes.length < SMALL ? APART : 4,
    }));
  }
  const all = concatBytes(messages);
  if (cutting === "joined") return [{ bytes: all, pause: 0 }];
  const packets: Packet[] = [];
  if (typeof cutting === "number") {
    for (let at = 0; at < all.length; at += cutting) {
      packets.push({ bytes: all.slice(at, at + cutting), pause: 2 });
    }
    return packets;
  }
  for (const message of messages) {
    const single = Math.min(SINGLE, message.length);
    for (let at = 0; at < single; at++) {
      packets.push({ bytes: message.slice(at, at + 1), pause: 1.5 });
    }
    for (let at = single; at < message.length; at += REST) {
      packets.push({ bytes: message.slice(at, at + REST), pause: 1.5 });
    }
  }
  return packets;
}
