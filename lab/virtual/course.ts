/**
 * The course of events as one number: two runs went alike if theirs is the same.
 *
 * @module
 */
import type { RunEvent } from "../run/run_record.ts";

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a (32 bits) over all that happens, in its order. */
export class Course {
  #hash = OFFSET;

  /**
   * Something happened. Times count to the microsecond. Of a call only what comes of it counts: a
   * connection, or nothing.
   */
  add(event: RunEvent): void {
    if (event.what === "dialled") return;
    for (const key in event) {
      const value: unknown = event[key as keyof RunEvent];
      this.#text(key);
      if (typeof value === "number") this.#number(value);
      else this.#text(typeof value === "string" ? value : JSON.stringify(value));
    }
  }

  /** Eight hex digits. */
  toString(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  #text(text: string): void {
    // A field that is written with each character would be most of the time.
    let hash = this.#hash;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
    this.#hash = hash;
    this.#mix(0);
  }

  #number(value: number): void {
    const micro = Math.round(value * 1000);
    for (let rest = micro; rest > 0; rest = Math.floor(rest / 65_536)) this.#mix(rest % 65_536);
    this.#mix(0);
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, PRIME);
  }
}
