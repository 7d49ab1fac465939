import fc from "fast-check";
import type { TorrentSummary } from "../../../../../shell/dashboard/page/api_types.ts";
import {
  arrange,
  type Arrangement,
  countStates,
  SORT_KEYS,
  STATE_FILTERS,
} from "../../../../../shell/dashboard/page/peer/torrent_order.ts";
import { assert, assertEquals } from "../../../../support/assert.ts";

function torrent(about: Partial<TorrentSummary> & { name: string }): TorrentSummary {
  return {
    "info_hash": about.name.padEnd(40, "0"),
    state: "downloading",
    error: null,
    remedy: null,
    "total_size": 1,
    "wanted_size": 1,
    left: 1,
    progress: 0,
    "download_rate": 0,
    "upload_rate": 0,
    downloaded: 0,
    uploaded: 0,
    eta: null,
    ratio: null,
    peers: 0,
    pieces: 1,
    "pieces_have": 0,
    verifying: null,
    ...about,
  };
}

const asAdded: Arrangement = { search: "", filter: "all", sort: "added", isDescending: false };
const names = (torrents: readonly TorrentSummary[]) => torrents.map(({ name }) => name);

Deno.test("a search finds all its words in any case, or the beginning of an info hash", () => {
  const all = ["Lecture 7 Slides", "lecture 8", "Film"].map((name) => torrent({ name }));
  all.push(torrent({ name: "by hash", "info_hash": "ab12".padEnd(40, "f") }));
  const found = (search: string) => names(arrange(all, { ...asAdded, search }));
  assertEquals(found("LECTURE"), ["Lecture 7 Slides", "lecture 8"]);
  assertEquals(found("  slides lecture "), ["Lecture 7 Slides"]);
  assertEquals(found("ab12"), ["by hash"]);
  assertEquals(found("nothing"), []);
});

Deno.test("numbers in names count as numbers; what is not known comes last either way", () => {
  const all = [
    torrent({ name: "part 10", eta: 5 }),
    torrent({ name: "part 9", eta: null }),
    torrent({ name: "part 11", eta: 1 }),
  ];
  assertEquals(names(arrange(all, { ...asAdded, sort: "name" })), ["part 9", "part 10", "part 11"]);
  const byEta = (isDescending: boolean) =>
    names(arrange(all, { ...asAdded, sort: "eta", isDescending }));
  assertEquals(byEta(false), ["part 11", "part 10", "part 9"]);
  assertEquals(byEta(true), ["part 10", "part 11", "part 9"]);
});

const some = fc.array(
  fc.record({
    name: fc.string({ maxLength: 5 }),
    state: fc.constantFrom("metadata", "seeding", "paused", "stopped", "error", "queued"),
    eta: fc.option(fc.nat(9), { nil: null }),
    peers: fc.nat(3),
  }).map(torrent),
  { maxLength: 20 },
);

Deno.test("the states share all torrents among them, and no order loses one", () => {
  fc.assert(fc.property(some, fc.constantFrom(...SORT_KEYS), fc.boolean(), (all, sort, turned) => {
    const counts = countStates(all);
    const shown = (filter: typeof STATE_FILTERS[number]) =>
      arrange(all, { search: "", filter, sort, isDescending: turned });
    for (const filter of STATE_FILTERS) assertEquals(shown(filter).length, counts[filter]);
    const [, ...groups] = STATE_FILTERS;
    assertEquals(groups.reduce((sum, group) => sum + counts[group], 0), all.length);
    assertEquals(new Set(shown("all")), new Set(all));
    assert(all.length === counts.all);
  }));
});
