/**
 * The stream cipher RC4, as message stream encryption uses it: to look like nothing, not to be safe.
 *
 * @module
 */

/** One direction's key stream. About 500 MiB/s. */
export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  /** @param skip bytes of key stream to throw away first */
  constructor(key: Uint8Array, skip = 0) {
    const state = this.#state;
    for (let i = 0; i < 256; i++) state[i] = i;
    let j = 0;
    for (let i = 0; i < 256; i++) {
      const a = state[i]!;
      j = (j + a + key[i % key.length]!) & 255;
      state[i] = state[j]!;
      state[j] = a;
    }
    if (skip > 0) this.apply(new Uint8Array(skip));
  }

  /** Encrypts or decrypts into `into`, by default in place; the result. */
  apply<B extends Uint8Array>(bytes: Uint8Array, into: B): B;
  apply<B extends Uint8Array>(bytes: B): B;
  apply(bytes: Uint8Array, into: Uint8Array = bytes): Uint8Array {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    for (let k = 0; k < bytes.length; k++) {
      i = (i + 1) & 255;
      const a = state[i]!;
      j = (j + a) & 255;
      const b = state[j]!;
      state[i] = b;
      state[j] = a;
      into[k] = bytes[k]! ^ state[(a + b) & 255]!;
    }
    this.#i = i;
    this.#j = j;
    return into;
  }
}
