/**
 * Which torrents the list shows, and in which order: search, state, sorting. Pure.
 *
 * @module
 */
import type { TorrentSummary } from "../api_types.ts";

/** Groups of states, in the order they are offered. */
export const STATE_FILTERS = ["all", "downloading", "seeding", "paused", "error"] as const;
export type StateFilter = typeof STATE_FILTERS[number];

/** What the list can be sorted by; "added" is the order in which the torrents came. */
export const SORT_KEYS = [
  "added",
  "name",
  "progress",
  "size",
  "down",
  "up",
  "eta",
  "ratio",
  "peers",
] as const;
export type SortKey = typeof SORT_KEYS[number];

/** How the list is arranged. */
export interface Arrangement {
  /** Words that all stand in the name, in whatever case, or the beginning of an info hash. */
  readonly search: string;
  readonly filter: StateFilter;
  readonly sort: SortKey;
  readonly isDescending: boolean;
}

/** The group of a state of the API. */
export function groupOf(state: string): StateFilter {
  if (state === "seeding" || state === "error") return state;
  return state === "paused" || state === "stopped" ? "paused" : "downloading";
}

/** How many torrents each group has. */
export function countStates(torrents: Iterable<TorrentSummary>): Record<StateFilter, number> {
  const counts = { all: 0, downloading: 0, seeding: 0, paused: 0, error: 0 };
  for (const { state } of torrents) {
    counts.all++;
    counts[groupOf(state)]++;
  }
  return counts;
}

const VALUES: Readonly<Record<SortKey, (torrent: TorrentSummary) => number | null>> = {
  added: () => 0,
  name: () => 0,
  progress: ({ progress }) => progress,
  size: ({ wanted_size: size }) => size,
  down: ({ download_rate: rate }) => rate,
  up: ({ upload_rate: rate }) => rate,
  eta: ({ eta }) => eta,
  ratio: ({ ratio }) => ratio,
  peers: ({ peers }) => peers,
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The torrents to be shown. What is not known of a torrent puts it last, either way. */
export function arrange(
  torrents: Iterable<TorrentSummary>,
  { search, filter, sort, isDescending }: Arrangement,
): TorrentSummary[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const shown = [...torrents].filter((torrent) =>
    (filter === "all" || groupOf(torrent.state) === filter) && isFound(torrent, words)
  );
  if (sort === "added") return isDescending ? shown.reverse() : shown;
  const sign = isDescending ? -1 : 1;
  const byName = (a: TorrentSummary, b: TorrentSummary) => collator.compare(a.name, b.name);
  if (sort === "name") return shown.sort((a, b) => sign * byName(a, b));
  const value = VALUES[sort];
  return shown.sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === other) return byName(a, b);
    if (one === null || other === null) return one === null ? 1 : -1;
    return sign * (one - other);
  });
}

function isFound({ name, info_hash: infoHash }: TorrentSummary, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = name.toLowerCase();
  return words.every((word) => text.includes(word)) ||
    (words.length === 1 && infoHash.startsWith(words[0]!));
}
