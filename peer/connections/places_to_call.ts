/**
 * Places to call: how many of a torrent's places it fills by calling others.
 *
 * What it weighs:
 *
 * 1. half of the places are for callers, so that who comes late to a crowd finds places with all (40
 *    of 80 in the mainline client, Legout et al. 2006);
 * 2. a download starves that gets nothing from all whom it has: no block came for half a minute,
 *    though somebody was there for as long. Then it calls on, to three quarters. An unchoke is no
 *    block: it costs its sender nothing;
 * 3. whoever lacks nothing, or may not download, never starves.
 *
 * @module
 */

/** Shares of the places. */
const CALLED = 1 / 2;
const STARVING = 3 / 4;
/** ms without a block after which a download starves. */
const STARVING_MS = 30_000;

/** Whoever is connected. */
interface Company {
  /** ms. */
  readonly connectedAt: number;
}

/** Those of one torrent. */
export class PlacesToCall {
  /** Told that it calls nobody else, where so many of its places are taken; again when they are others. */
  onDecision: ((called: number, places: number) => void) | undefined;
  readonly #places: number;
  readonly #leavesSome: boolean;
  #fedAt = -Infinity;
  /** The number that was told last. */
  #told: number | undefined;

  /**
   * @param places connections that the torrent may have
   * @param leavesSome whether it leaves places to callers at all
   */
  constructor(places: number, leavesSome = true) {
    this.#places = places;
    this.#leavesSome = leavesSome;
  }

  /** A block came (ms). */
  fed(now: number): void {
    this.#fedAt = now;
  }

  /**
   * Connections up to which it calls others.
   *
   * @param isFetching whether it lacks something that it may fetch
   */
  most(peers: Iterable<Company>, isFetching: boolean, now: number): number {
    if (!this.#leavesSome) return this.#places;
    return this.#places * (isFetching && this.#isStarving(peers, now) ? STARVING : CALLED);
  }

  /** Whether it has not been told yet that it stops at so many connections. */
  isNews(most: number): boolean {
    return this.onDecision !== undefined && most !== this.#told && most < this.#places;
  }

  /** It stops at so many connections, though it knows somebody else. */
  stopped(most: number): void {
    if (!this.isNews(most)) return;
    this.#told = most;
    this.onDecision?.(most, this.#places);
  }

  #isStarving(peers: Iterable<Company>, now: number): boolean {
    if (now - this.#fedAt < STARVING_MS) return false;
    for (const { connectedAt } of peers) if (now - connectedAt >= STARVING_MS) return true;
    return false;
  }
}
