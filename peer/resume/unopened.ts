/**
 * Torrents of last time that are not open: listed with the reason until a person tries again.
 *
 * @module
 */
import { emptySnapshot } from "../snapshot.ts";
import type { Problem } from "../remedy.ts";
import type { TorrentRecord } from "./resume_plan.ts";
import type { TorrentSnapshot } from "../snapshot.ts";

/** One of them. */
export interface Held {
  readonly infoHash: string;
  readonly name: string;
  /** What is remembered of it; undefined where even that cannot be read. */
  readonly record: TorrentRecord | undefined;
  readonly problem: Problem;
}

/** By info hash (hex). */
export class Unopened {
  readonly #held = new Map<string, Held>();
  /** Those that somebody tries to open right now. */
  readonly #opening = new Set<string>();

  /** It could not be opened, or was not tried. */
  hold(held: Held): void {
    this.#held.set(held.infoHash, held);
  }

  get(infoHash: string): Held | undefined {
    return this.#held.get(infoHash);
  }

  /** It is open now, or forgotten; whether it was here. */
  delete(infoHash: string): boolean {
    return this.#held.delete(infoHash);
  }

  /** Tries once more, one at a time each. */
  async retry(infoHash: string, open: (record: TorrentRecord) => Promise<void>): Promise<void> {
    const record = this.#held.get(infoHash)?.record;
    if (record === undefined || this.#opening.has(infoHash)) return;
    this.#opening.add(infoHash);
    try {
      await open(record);
    } finally {
      this.#opening.delete(infoHash);
    }
  }

  snapshot(): TorrentSnapshot[] {
    return [...this.#held.values()].map(({ infoHash, name, record, problem }) => {
      const isOpening = this.#opening.has(infoHash);
      return {
        ...emptySnapshot({
          infoHash,
          name,
          dir: record?.dir ?? "",
          addedAt: record?.addedAt ?? 0,
        }),
        state: isOpening ? "checking" : "error",
        error: isOpening ? undefined : problem.message,
        remedy: isOpening ? undefined : problem.remedy,
        errorKind: isOpening ? undefined : "other",
        downloaded: record?.downloaded ?? 0,
        uploaded: record?.uploaded ?? 0,
        completedAt: record?.completedAt,
      };
    });
  }
}
