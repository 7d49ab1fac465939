/**
 * Notices of the store in Redis: told once that it cannot be used, and once that all of it can again,
 * however many servers, requests and kinds of failure there were.
 *
 * @module
 */

/** A refusal that nobody met for so long (ms) is over: refused peers come again after a minute. */
const FORGOTTEN = 120_000;

interface Trouble {
  /** What it did not do; undefined where it did nothing. */
  readonly what: string | undefined;
  at: number;
}

/** See the module's text. A part is a server, by its place, or keys that lie together. */
export class RedisNotices {
  /** What cannot be used, for messages. */
  readonly name: string;
  readonly #isDivided: boolean;
  readonly #onChange: (sentence: string) => void;
  readonly #now: () => number;
  readonly #troubles = new Map<string, Trouble>();

  /** @param isDivided whether a part may be away while others are not */
  constructor(
    name: string,
    isDivided: boolean,
    onChange: (sentence: string) => void,
    now: () => number,
  ) {
    this.name = name;
    this.#isDivided = isDivided;
    this.#onChange = onChange;
    this.#now = now;
  }

  get isTroubled(): boolean {
    return this.#troubles.size > 0;
  }

  /** @param what which of its abilities was asked for, where it may have others */
  failed(part: string, sentence: string, what?: string): void {
    const known = this.#troubles.get(part);
    if (known !== undefined) {
      known.at = this.#now();
      return;
    }
    const isFirst = !this.isTroubled;
    this.#troubles.set(part, { what, at: this.#now() });
    if (!isFirst) return;
    const [used, refused] = this.#isDivided
      ? ["used in part", "announces of the swarms there"]
      : ["used", "announces"];
    this.#onChange(
      `${this.name} cannot be ${used} (${sentence}): ${refused} are refused until it answers`,
    );
  }

  /** A part did what it was asked for; it may do that and not all: out of memory, or a replica. */
  answered(part: string, what?: string): void {
    if (!this.isTroubled) return;
    for (const [one, trouble] of this.#troubles) {
      const isOver = one === part && (trouble.what === undefined || trouble.what === what);
      if (isOver || trouble.what !== undefined && this.#now() - trouble.at > FORGOTTEN) {
        this.#troubles.delete(one);
      }
    }
    this.#tellIfOver();
  }

  /** A part began anew, or does not belong to the store any more. */
  forget(part: string): void {
    if (this.#troubles.delete(part)) this.#tellIfOver();
  }

  #tellIfOver(): void {
    if (!this.isTroubled) this.#onChange(`${this.name} answers again`);
  }
}
