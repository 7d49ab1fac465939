/**
 * A request's body that comes in chunks (RFC 9112, section 7.1), taken apart as its bytes arrive.
 *
 * @module
 */

/** The longest chunk header or trailer line taken, in bytes. */
const MAX_LINE = 256;
/** Trailer lines taken. */
const MAX_TRAILERS = 32;

type State = "size" | "data" | "data-end" | "trailer" | "done";

/** Reads chunks; what is in them goes to `take`. Bounded: it keeps one line at most. */
export class ChunkedBody {
  readonly #take: (bytes: Uint8Array) => void;
  #state: State = "size";
  #line = "";
  /** Bytes of this chunk, or of the line end behind it, that are still to come. */
  #missing = 0;
  #trailers = 0;

  /** @param take gets views into what is fed, valid until it returns */
  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Reads `bytes`; how many belong to the body, or -1 where they are no chunks. */
  feed(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") {
        const part = bytes.subarray(at, at + this.#missing);
        this.#take(part);
        at += part.length;
        this.#missing -= part.length;
        if (this.#missing === 0) this.#state = "data-end";
      } else {
        const end = bytes.indexOf(10, at);
        const part = bytes.subarray(at, end < 0 ? bytes.length : end + 1);
        if (this.#line.length + part.length > MAX_LINE) return -1;
        for (const byte of part) this.#line += String.fromCharCode(byte);
        at += part.length;
        if (end >= 0 && !this.#readLine()) return -1;
      }
    }
    return at;
  }

  /** A whole line has come. */
  #readLine(): boolean {
    if (!this.#line.endsWith("\r\n")) return false;
    const line = this.#line.slice(0, -2);
    this.#line = "";
    switch (this.#state) {
      case "size": {
        // Extensions behind a semicolon mean nothing here.
        const size = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(line)?.[1];
        if (size === undefined) return false;
        this.#missing = parseInt(size, 16);
        this.#state = this.#missing === 0 ? "trailer" : "data";
        return true;
      }
      case "data-end":
        this.#state = "size";
        return line === "";
      default:
        if (line === "") this.#state = "done";
        return ++this.#trailers <= MAX_TRAILERS;
    }
  }
}
