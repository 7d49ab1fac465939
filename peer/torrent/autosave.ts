/**
 * Autosave: when what is owned and chosen is made safe against a power failure.
 *
 * @module
 */

/** Changes that can wait are written this often, ms. */
const SAVE_MS = 15_000;

/** One torrent's unsaved changes. */
export class Autosave {
  #isDirty = false;
  #nextAt = 0;

  /** Something changed: it is written with others, within 15 s. */
  changed(): void {
    this.#isDirty = true;
  }

  /** A person chose something, or much changed: it is written with the next tick. */
  changedMuch(): void {
    this.#isDirty = true;
    this.#nextAt = 0;
  }

  /** Whatever is unsaved need not wait for the rest of its 15 s. */
  hurry(): void {
    this.#nextAt = 0;
  }

  /** Whether to write now (ms since the epoch). Once it said so, nothing is unsaved. */
  isDue(now: number): boolean {
    if (!this.#isDirty || now < this.#nextAt) return false;
    this.#isDirty = false;
    this.#nextAt = now + SAVE_MS;
    return true;
  }
}
