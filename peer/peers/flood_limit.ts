/**
 * Flood limit: how much one peer may say without giving or taking a block. Every message costs us
 * some work, and some cost us more than the sender.
 *
 * What is not counted here is paid for otherwise: blocks by what they bring, requests by the upload
 * slots, and news of pieces by their number, since each can be told once.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import type { Message } from "../../protocol/message.ts";
import { OUR_EXTENSIONS } from "../../protocol/extension_ids.ts";

/** Credit of one peer for one second, in some two microseconds of our time. */
const CREDIT = 5000;
/** Blocks beyond those that it was asked for, which a miscount of either side may bring. */
const MAX_UNASKED = 16;
/** Times that a peer may say that it has everything: aria2 says so instead of the last HAVEs. */
const MAX_REPEATS = 16;

/** Messages that only take a look. Common clients send a handful in a minute. */
const IDLE = 10;
/** What makes us look at all requests, at all pieces, or at a dictionary. */
const HEAVY = 100;
/** What leads nowhere, but crosses what we say on its way in any honest exchange. */
const VAIN = 1;

/** What one peer said in vain, and what it was asked for. */
export class FloodLimit {
  #spent = 0;
  #asked = 0;
  #came = 0;
  #repeats = 0;

  /** A second has passed. */
  tick(): void {
    this.#spent = 0;
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
      throw new ProtocolError("it sent blocks that we did not request");
    }
  }

  /**
   * It said something. Payloads, questions and news have limits of their own.
   *
   * @throws {ProtocolError} where it says too much that leads nowhere
   */
  heard(message: Pick<Message, "type"> & { readonly id?: number }): void {
    switch (message.type) {
      case "piece":
      case "request":
      case "reject":
      case "cancel":
      case "have":
      case "hashes":
      case "hash-reject":
        return;
      case "hash-request":
        return this.#spend(VAIN);
      case "extended":
        return this.#spend(costOf(message.id ?? 0));
      case "choke":
      case "unchoke":
      case "bitfield":
      case "have-all":
      case "have-none":
      // The DHT asks the node that it names.
      case "port":
        return this.#spend(HEAVY);
    }
    this.#spend(IDLE);
  }

  /**
   * It took back a request that is not there, asked for what it does not get, or told old news.
   *
   * @throws {ProtocolError} where it goes on and on
   */
  inVain(): void {
    this.#spend(VAIN);
  }

  /**
   * It says for the second time what it has in all. BEP 6 forbids that; aria2 does so all the same,
   * with what is new in it.
   *
   * @throws {ProtocolError} where that cannot be news
   */
  repeated({ hasAll, hasNone }: { hasAll: boolean; hasNone: boolean }): void {
    if (hasNone || hasAll && ++this.#repeats > MAX_REPEATS) {
      throw new ProtocolError("it repeats its bitfield (BEP 6)");
    }
  }

  #spend(cost: number): void {
    this.#spent += cost;
    if (this.#spent > CREDIT) throw new ProtocolError("it floods us with messages");
  }
}

function costOf(id: number): number {
  switch (id) {
    case 0:
    case OUR_EXTENSIONS["ut_pex"]:
      return HEAVY;
    // Metadata has limits of its own, and of many pieces that are lost each is news.
    case OUR_EXTENSIONS["ut_metadata"]:
    case OUR_EXTENSIONS["lt_donthave"]:
      return 0;
    default:
      return IDLE;
  }
}
