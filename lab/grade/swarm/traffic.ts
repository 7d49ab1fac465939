/**
 * Bytes from host to host over time, and what follows from them: shares, overlap, the busiest.
 *
 * @module
 */

/** Sums at one moment. */
export interface Sample {
  /** ms */
  readonly at: number;
  /** [from][to], from 1; where pairs cannot be told apart [0][to] is taken, [from][0] given */
  readonly bytes: readonly (readonly number[])[];
}

/** Longest history (samples): a quarter of an hour at ten a second. */
const MAX_SAMPLES = 9000;
/** ms of the windows in which two sources count as busy at once, and the bytes that make one busy. */
const WINDOW = 250;
const BUSY = 2000;

/** The history of all bytes between hosts. */
export class Traffic {
  readonly hosts: number;
  /** Whether pairs are counted, or only what each host takes and gives in all. */
  readonly hasPairs: boolean;
  readonly #samples: Sample[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(hosts: number, hasPairs: boolean) {
    this.hosts = hosts;
    this.hasPairs = hasPairs;
  }

  /** Adds the sums of a moment. */
  add(sample: Sample): void {
    if (this.#samples.length < MAX_SAMPLES) this.#samples.push(sample);
    else this.#samples[MAX_SAMPLES - 1] = sample;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves with the next sample. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** All samples, oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Sums by now. */
  get now(): Sample {
    return this.#samples.at(-1) ?? { at: 0, bytes: [] };
  }

  /**
   * Bytes of a pair since `since`. Without pairs: all that `from` gave, which is the same while `to` is
   * the only one that fetches from it.
   */
  between(from: number, to: number, since?: Sample): number {
    return this.#sum(this.now, from, to) - this.#sum(since, from, to);
  }

  #sum(sample: Sample | undefined, from: number, to: number): number {
    return sample?.bytes[from]?.[this.hasPairs || from === 0 ? to : 0] ?? 0;
  }

  /** Bytes that a host took from all others but those left out, since `since`. */
  received(to: number, since?: Sample, without: readonly number[] = []): number {
    if (!this.hasPairs) return this.between(0, to, since);
    let sum = 0;
    for (let from = 0; from <= this.hosts; from++) {
      if (!without.includes(from)) sum += this.between(from, to, since);
    }
    return sum;
  }

  /** Who gave `to` most since `since`. */
  busiest(to: number, sources: readonly number[], since?: Sample): number {
    return sources.reduce((best, from) =>
      this.between(from, to, since) > this.between(best, to, since) ? from : best
    );
  }

  /** When some sources had given `to` so many bytes since `since`, in ms; undefined where they did not. */
  whenGiven(
    to: number,
    sources: readonly number[],
    bytes: number,
    since?: Sample,
  ): number | undefined {
    const given = (sample: Sample | undefined) =>
      sources.reduce((sum, from) => sum + this.#sum(sample, from, to), 0);
    const before = given(since);
    return this.#samples.find((sample) => given(sample) - before >= bytes)?.at;
  }

  /** In how many equal windows two sources both gave something to `to`. */
  windowsTogether(one: number, other: number, to: number): number {
    const first = this.#samples[0]?.at ?? 0;
    const sums = new Map<number, [number, number]>();
    for (let index = 1; index < this.#samples.length; index++) {
      const [before, after] = [this.#samples[index - 1]!, this.#samples[index]!];
      const window = Math.floor((after.at - first) / WINDOW);
      const sum = sums.get(window) ?? [0, 0];
      const gave = (from: number) => this.#sum(after, from, to) - this.#sum(before, from, to);
      sums.set(window, [sum[0] + gave(one), sum[1] + gave(other)]);
    }
    return [...sums.values()].filter(([a, b]) => a >= BUSY && b >= BUSY).length;
  }

  /** Longest time (ms) between two samples: how busy the machine was. */
  get longestGap(): number {
    let longest = 0;
    for (let index = 1; index < this.#samples.length; index++) {
      longest = Math.max(longest, this.#samples[index]!.at - this.#samples[index - 1]!.at);
    }
    return longest;
  }
}
