/**
 * Transcript of a program's output, bounded: its beginning and its end.
 *
 * @module
 */

/** Bytes that are kept of the beginning, and as many of the end. */
const KEPT = 1 << 20;

/** One stream of a program's output. */
export class Transcript {
  readonly #head: Uint8Array[] = [];
  readonly #tail: Uint8Array[] = [];
  #headLength = 0;
  #tailLength = 0;
  #dropped = 0;
  #text: string | undefined = "";

  /** Bytes that came, those included that were not kept. */
  get length(): number {
    return this.#headLength + this.#tailLength + this.#dropped;
  }

  add(bytes: Uint8Array): void {
    this.#text = undefined;
    const first = bytes.subarray(0, KEPT - this.#headLength);
    if (first.length > 0) {
      this.#head.push(first.slice());
      this.#headLength += first.length;
    }
    const rest = bytes.subarray(first.length);
    if (rest.length === 0) return;
    this.#tail.push(rest.slice());
    this.#tailLength += rest.length;
    while (this.#tailLength - this.#tail[0]!.length >= KEPT) {
      const gone = this.#tail.shift()!.length;
      this.#tailLength -= gone;
      this.#dropped += gone;
    }
  }

  /** The bytes that were kept. */
  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#headLength + this.#tailLength);
    let at = 0;
    for (const part of [...this.#head, ...this.#tail]) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** As text with plain line ends. */
  text(): string {
    if (this.#text === undefined) {
      const text = new TextDecoder().decode(this.bytes()).replaceAll("\r\n", "\n");
      this.#text = text.replace(COLOUR, "");
    }
    return this.#text;
  }

  /** The last lines that are not blank. */
  lastLines(count: number): string[] {
    return this.text().split("\n").filter((line) => line.trim() !== "").slice(-count);
  }
}

// deno-lint-ignore no-control-regex -- colours, which say nothing here
const COLOUR = /\x1b\[[0-9;]*m/g;
