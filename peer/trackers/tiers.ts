/**
 * Tiers of trackers (BEP 12): in which order the trackers of a torrent are tried.
 *
 * The trackers of a tier are tried in shuffled order; the first that answers moves to the front and is
 * the one we stay with. A lower tier is asked only when all above it fail.
 *
 * @module
 */

/** Trackers of one torrent that are used: those of the first tiers. */
export const MAX_USED_TRACKERS = 50;

/**
 * One torrent's tiers.
 *
 * @template T a tracker, which knows its tier
 */
export class Tiers<T extends { readonly url: string; readonly tier: number }> {
  readonly #tiers: T[][];
  readonly #make: (url: string, tier: number) => T;

  /**
   * @param urls announce URLs, tier by tier
   * @param random uniform in [0, 1)
   * @param make a tracker from its URL and tier
   */
  constructor(
    urls: readonly (readonly string[])[],
    random: () => number,
    make: (url: string, tier: number) => T,
  ) {
    this.#make = make;
    this.#tiers = firstTrackers(urls, MAX_USED_TRACKERS).map((tier, index) =>
      tier
        .map((url) => ({ url, key: random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ url }) => make(url, index))
    );
  }

  get count(): number {
    return this.#tiers.length;
  }

  /** All trackers in the order in which they are tried. */
  get trackers(): T[] {
    return this.#tiers.flat();
  }

  /** One more tracker, in a tier of its own behind all others; nothing where it is known. */
  add(url: string): void {
    if (this.trackers.some((tracker) => tracker.url === url)) return;
    this.#tiers.push([this.#make(url, this.#tiers.length)]);
  }

  /** A tracker answered: it moves to the front of its tier. */
  promote(tracker: T): void {
    const tier = this.#tiers[tracker.tier]!;
    tier.splice(tier.indexOf(tracker), 1);
    tier.unshift(tracker);
  }

  /** The trackers of the tiers above that of `tracker`. */
  above({ tier }: T): T[] {
    return this.#tiers.slice(0, tier).flat();
  }
}

/** The first `most` trackers, each once, in the tiers they are in. */
function firstTrackers(tiers: readonly (readonly string[])[], most: number): string[][] {
  const seen = new Set<string>();
  const first: string[][] = [];
  for (const tier of tiers) {
    const kept: string[] = [];
    for (const url of tier) {
      if (seen.size >= most) break;
      if (!seen.has(url)) kept.push(url);
      seen.add(url);
    }
    if (kept.length > 0) first.push(kept);
    if (seen.size >= most) break;
  }
  return first;
}

/** Tiers with the trackers of today in front; a private torrent keeps to its own (BEP 27). */
export function withMoreTrackers(
  tiers: readonly (readonly string[])[],
  more: readonly string[],
  isPrivate: boolean,
): readonly (readonly string[])[] {
  if (isPrivate && tiers.length > 0) return tiers;
  const known = new Set(tiers.flat());
  return [...more.filter((url) => !known.has(url)).map((url) => [url]), ...tiers];
}
