/**
 * Hides from the other end where a peer listens (`p` of the extension handshake, BEP 10): who knew it
 * would call there, past the wires. Pure.
 *
 * @module
 */
import { HANDSHAKE_LENGTH, isHandshakePrefix } from "../../protocol/handshake.ts";
import { MessageId } from "../../protocol/message.ts";

/** The key `p` as it stands in a bencoded dictionary. */
const KEY = [...new TextEncoder().encode("1:p")];
/** Takes the place of its last byte: nobody knows a key `q`, and the keys stay sorted. */
const MASK = "q".charCodeAt(0);
/** Bytes of length, ID and extension ID. */
const HEAD = 6;

/** Masks one direction of a connection, however it is cut into parts. */
export class ListenPortMask {
  #greeting: number[] | undefined = [];
  /** Bytes of the message that came, and all of it with its length; undefined until that is known. */
  #came = 0;
  #length: number | undefined;
  readonly #head = new Uint8Array(HEAD);
  /** How many bytes of the key were met in a row. */
  #met = 0;
  #isOff = false;

  /** Changes `bytes` in place where they name the port. */
  mask(bytes: Uint8Array): void {
    let at = 0;
    while (!this.#isOff && at < bytes.length) {
      if (this.#greeting !== undefined) this.#greet(bytes[at++]!);
      else at = this.#message(bytes, at);
    }
  }

  #greet(byte: number): void {
    const greeting = this.#greeting!;
    greeting.push(byte);
    // Something encrypted, or no BitTorrent at all.
    if (!isHandshakePrefix(Uint8Array.from(greeting))) this.#isOff = true;
    if (greeting.length === HANDSHAKE_LENGTH) this.#greeting = undefined;
  }

  /** Takes the next bytes of a message; where to go on. */
  #message(bytes: Uint8Array, at: number): number {
    if (this.#came < HEAD && (this.#length === undefined || this.#came < this.#length)) {
      this.#head[this.#came++] = bytes[at++]!;
      if (this.#came === 4) this.#length = 4 + new DataView(this.#head.buffer).getUint32(0);
    } else {
      const end = Math.min(bytes.length, at + this.#length! - this.#came);
      if (this.#head[4] === MessageId.extended && this.#head[5] === 0) this.#scan(bytes, at, end);
      this.#came += end - at;
      at = end;
    }
    if (this.#came === this.#length) {
      this.#came = 0;
      this.#length = undefined;
      this.#met = 0;
    }
    return at;
  }

  #scan(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (bytes[at] === KEY[this.#met]) this.#met++;
      else this.#met = bytes[at] === KEY[0] ? 1 : 0;
      if (this.#met < KEY.length) continue;
      bytes[at] = MASK;
      this.#met = 0;
    }
  }
}
