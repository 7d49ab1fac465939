/**
 * Traffic: bytes of whole messages that reached each member from each other one, with what of them is
 * content. Of what cannot be read (MSE) nothing counts.
 *
 * @module
 */

/** One direction between two members. Bytes. */
export interface Traffic {
  readonly from: string;
  readonly to: string;
  /** Handshakes and messages, with their heads. */
  readonly wire: number;
  /** Blocks alone. */
  readonly content: number;
}

/** Counts it over a whole run. */
export class TrafficCount {
  readonly #byPair = new Map<string, { -readonly [Key in keyof Traffic]: Traffic[Key] }>();

  /**
   * A message has reached `to`.
   *
   * @param wire its bytes
   * @param content those of a block in it
   */
  add(from: string, to: string, wire: number, content: number): void {
    const key = `${from}\n${to}`;
    let pair = this.#byPair.get(key);
    if (pair === undefined) this.#byPair.set(key, pair = { from, to, wire: 0, content: 0 });
    pair.wire += wire;
    pair.content += content;
  }

  /** In the order in which they first said something. */
  get all(): readonly Traffic[] {
    return [...this.#byPair.values()];
  }
}
