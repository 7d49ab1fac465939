/**
 * Refusals in the log: which are logged one by one, and how many more there were.
 *
 * @module
 */

/** Refusals that are told one by one in a second; of the same address and reason only the first. */
const TOLD = 10;

/** Refusals of one second. */
export class Refusals {
  readonly #told = new Set<string>();
  #more = 0;
  #last: { ip: string; reason: string } | undefined;

  /** Whether this one is to be told. */
  note(ip: string, reason: string): boolean {
    const key = `${ip} ${reason}`;
    if (this.#told.size < TOLD && !this.#told.has(key)) {
      this.#told.add(key);
      return true;
    }
    this.#more++;
    this.#last = { ip, reason };
    return false;
  }

  /** A second is over: the last of those that were not told and how many there were, if any. */
  next(): { ip: string; reason: string; count: number } | undefined {
    const [last, count] = [this.#last, this.#more];
    this.#told.clear();
    this.#more = 0;
    this.#last = undefined;
    return last && { ...last, count };
  }
}
