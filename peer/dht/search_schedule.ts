/**
 * DHT search schedule: when to look for which torrent.
 *
 * @module
 */

/** ms between two lookups of a torrent, which also announce it: BEP 5 forgets after 30 min. */
const INTERVAL_MS = 900_000;
/** ms until the next one where nobody was found, the first few times. */
const HUNGRY_MS = [5_000, 15_000, 60_000] as const;
/** Lookups under way at once. */
const MAX_ACTIVE = 4;

interface Served {
  nextAt: number;
  fruitless: number;
  active: boolean;
}

/** Turns by info hash (hex). */
export class DhtSearchSchedule {
  readonly #turns = new Map<string, Served>();

  /** The torrents to look for now, noted as under way. */
  next(running: readonly string[], now: number): string[] {
    const present = new Set(running);
    for (const [infoHash, { active }] of this.#turns) {
      if (!active && !present.has(infoHash)) this.#turns.delete(infoHash);
    }
    let active = 0;
    for (const turn of this.#turns.values()) active += Number(turn.active);
    const due: string[] = [];
    for (const infoHash of present) {
      if (active + due.length >= MAX_ACTIVE) break;
      const turn = this.#turns.get(infoHash) ?? { nextAt: 0, fruitless: 0, active: false };
      this.#turns.set(infoHash, turn);
      if (turn.active || turn.nextAt > now) continue;
      turn.active = true;
      due.push(infoHash);
    }
    return due;
  }

  /** A lookup ended. `found`: it named somebody. */
  done(infoHash: string, found: boolean, now: number): void {
    const turn = this.#turns.get(infoHash);
    if (turn === undefined) return;
    turn.active = false;
    turn.nextAt = now + (found ? INTERVAL_MS : HUNGRY_MS[turn.fruitless] ?? INTERVAL_MS);
    turn.fruitless = found ? 0 : turn.fruitless + 1;
  }
}
