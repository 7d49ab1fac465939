/**
 * PEX schedule (BEP 11): what one peer is told, how often, and how much of what it tells is
 * believed.
 *
 * @module
 */
import { ProtocolError } from "../../protocol/errors.ts";
import { MAX_PEX_PEERS, type PexMessage, type PexPeer } from "../../protocol/extension_message.ts";
import { isInScope } from "../destination/address_scope.ts";

/** BEP 11: at most one message a minute. */
const INTERVAL_MS = 60_000;
/** What others may send: some at once, as their clocks differ from ours, then one in so many ms. */
const BURST = 4;
const REFILL_MS = 45_000;
/** Messages beyond that which are borne before the peer is dropped. */
const MAX_EXCESS = 10;
/** Addresses taken from one peer over its connection. */
const MAX_TAKEN = 200;

/** The flags of BEP 11. */
export const PexFlag = { encryption: 1, seed: 2, utp: 4, reachable: 16 } as const;

/** One peer's side of it. */
export class PexSchedule {
  /** Where it is: decides which addresses it is told and believed. */
  readonly #host: string;
  readonly #told = new Map<string, { host: string; port: number }>();
  #nextAt = 0;
  #credit = BURST;
  #creditAt: number | undefined;
  #excess = 0;
  #taken = 0;

  constructor(host: string) {
    this.#host = host;
  }

  /**
   * What changed since the last message; undefined where nothing did or it is too soon. The first
   * one names all that are connected.
   *
   * @param connected peers that listen somewhere, but for this one
   */
  next(connected: readonly PexPeer[], now: number): PexMessage | undefined {
    if (now < this.#nextAt) return undefined;
    const present = new Map(
      connected.filter((peer) => isInScope(peer, this.#host))
        .map((peer) => [`${peer.host} ${peer.port}`, peer]),
    );
    const added = [...present].filter(([key]) => !this.#told.has(key)).slice(0, MAX_PEX_PEERS);
    const dropped = [...this.#told].filter(([key]) => !present.has(key)).slice(0, MAX_PEX_PEERS);
    if (added.length === 0 && dropped.length === 0) return undefined;
    for (const [key, { host, port }] of added) this.#told.set(key, { host, port });
    for (const [key] of dropped) this.#told.delete(key);
    this.#nextAt = now + INTERVAL_MS;
    return { added: added.map(([, peer]) => peer), dropped: dropped.map(([, peer]) => peer) };
  }

  /**
   * The addresses of a message that are worth knowing.
   *
   * @throws {ProtocolError} where it goes on sending too many messages
   */
  take(message: PexMessage, now: number): PexPeer[] {
    const since = now - (this.#creditAt ?? now);
    this.#credit = Math.min(BURST, this.#credit + since / REFILL_MS);
    this.#creditAt = now;
    if (this.#credit < 1) {
      if (++this.#excess > MAX_EXCESS) throw new ProtocolError("it floods us with addresses");
      return [];
    }
    this.#credit--;
    const taken = message.added.filter((peer) => isInScope(peer, this.#host))
      .slice(0, MAX_TAKEN - this.#taken);
    this.#taken += taken.length;
    return taken;
  }
}
