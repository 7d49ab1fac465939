/**
 * Recent events: the log of a peer's page, what happened of late and why.
 *
 * @module
 */
import type { EngineEvent } from "../../peer/mod.ts";
import type { LogEntry } from "./page/api_types.ts";
import { logWords } from "./log_words.ts";

/** Entries of one torrent that are kept: a busy one does not push out what others have to say. */
const KEPT = 300;
/** Entries in all; those of the torrent that was silent longest give way. */
const MAX_ENTRIES = 20_000;
/** Entries that are told at once, the newest. */
const MAX_TOLD = 500;

/** What is put into the log. */
export type LogLine = Pick<LogEntry, "event" | "text" | "bad"> & {
  readonly infoHash: string;
  /** The torrent's name. */
  readonly name: string;
};

/** What happened, by torrent. */
export class RecentEvents {
  readonly #now: () => number;
  readonly #byTorrent = new Map<string, LogEntry[]>();
  #count = 0;
  #size = 0;

  /** @param now ms since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes an event in, if it is worth a line. */
  add(event: EngineEvent): void {
    const words = logWords(event);
    if (words === undefined) return;
    this.note({ infoHash: event.infoHash, name: event.name, event: event.event, ...words });
  }

  /** Takes a line in. */
  note({ infoHash, name, event, text, bad }: LogLine): void {
    const number = ++this.#count;
    const at = this.#now();
    const entry = { number, at, "info_hash": infoHash, torrent: name, event, text, bad };
    const entries = this.#byTorrent.get(infoHash) ?? [];
    entries.push(entry);
    this.#size++;
    // Twice as many for a moment: to move all for each one would cost more than to hold them.
    if (entries.length >= 2 * KEPT) this.#size -= entries.splice(0, entries.length - KEPT).length;
    this.#byTorrent.delete(infoHash);
    this.#byTorrent.set(infoHash, entries);
    while (this.#size > MAX_ENTRIES) {
      const [silent, old] = this.#byTorrent.entries().next().value!;
      this.#byTorrent.delete(silent);
      this.#size -= old.length;
    }
  }

  /** The newest entries with a number above `after`, the oldest first, of one torrent or of all. */
  since(after: number, infoHash?: string): readonly LogEntry[] {
    const lists = infoHash === undefined
      ? [...this.#byTorrent.values()]
      : [this.#byTorrent.get(infoHash) ?? []];
    return lists.flatMap((entries) => entries.filter(({ number }) => number > after))
      .sort((a, b) => a.number - b.number)
      .slice(-MAX_TOLD);
  }
}
