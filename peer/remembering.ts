/**
 * When what is known of one torrent is written down: soon after a person said something, now and then
 * otherwise.
 *
 * @module
 */

/** What was written is made safe against a power failure this often (ms). */
const SAVE_MS = 15_000;

/** One torrent's times to write down. */
export class Remembering {
  readonly #save: (clean: boolean) => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #isDue = false;
  /** Not before that. */
  #nextAt = 0;

  /** @param save never rejects */
  constructor(save: (clean: boolean) => Promise<void>) {
    this.#save = save;
  }

  /** Something is new that can wait. */
  later(): void {
    this.#isDue = true;
  }

  /** Something is to be written with the next tick. */
  soon(): void {
    this.#isDue = true;
    this.#nextAt = 0;
  }

  /** A second has passed. */
  async tick(now: number): Promise<void> {
    if (!this.#isDue || now < this.#nextAt) return;
    this.#isDue = false;
    this.#nextAt = now + SAVE_MS;
    await this.save(false);
  }

  /**
   * Writes, after what is being written: what was so last is what is remembered.
   *
   * @param clean files are closed
   */
  save(clean: boolean): Promise<void> {
    return this.#last = this.#last.then(() => this.#save(clean));
  }
}
