/**
 * What one peer may say for nothing: every message costs us some work, and some cost more than they
 * cost the sender.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Message } from "../../protocol/message.ts";

/** Idle messages of one peer in one second. Common clients send a handful in a minute. */
const MAX_PER_SECOND = 500;
/** Blocks beyond those that it was asked for, which a miscount of either side may bring. */
const MAX_UNASKED = 16;

/** What one peer said in vain, and what it was asked for. */
export class Patience {
  #idle = 0;
  #asked = 0;
  #came = 0;

  /** A second has passed. */
  tick(): void {
    this.#idle = 0;
  }

  /** It was asked for a block. */
  asked(): void {
    this.#asked++;
  }

  /**
   * A block came. Each request brings one at most, however late; so whoever sends more makes them up.
   *
   * @throws {ProtocolError} where too many came
   */
  came(): void {
    if (++this.#came > this.#asked + MAX_UNASKED) {
      throw new ProtocolError("it sends blocks that nobody asked for");
    }
  }

  /**
   * It said something. Payloads, questions and news have limits of their own.
   *
   * @throws {ProtocolError} where it says too much that leads nowhere
   */
  heard({ type }: Pick<Message, "type">): void {
    switch (type) {
      case "piece":
      case "request":
      case "reject":
      case "cancel":
      case "have":
      case "extended":
      case "hash-request":
      case "hashes":
      case "hash-reject":
        return;
    }
    if (++this.#idle > MAX_PER_SECOND) throw new ProtocolError("it floods us with messages");
  }
}
