/**
 * `scrape`: how many seeders, leechers and completed downloads the tracker counts.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { lookUpOwn } from "../own_torrent.ts";
import { scrapeTracker } from "../scrape_tracker.ts";
import { findNewest } from "../swarm_argument.ts";
import type { Verb } from "../verb.ts";
import { otherVersions, type Version } from "../versions.ts";
import type { View } from "../view.ts";
import { COUNT_COLUMNS } from "./counts.ts";

interface Counts {
  readonly name: string;
  readonly infoHash: string;
  readonly tracker: string | undefined;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
  readonly others?: readonly Version[];
}

export const scrape: Verb = {
  name: "scrape",
  argument: "<NAME>",
  summary: "what the tracker counts: seeders, leechers, completed",
  completes: "catalogue",
  peer: async ({ engine, catalogues }, call) => {
    if (call.rest === "") throw new UsageError("Scrape what? Type scrape <NAME>");
    const own = lookUpOwn(engine, call.rest);
    if (own !== undefined) {
      const { name, infoHash } = own;
      return view({ name, infoHash, ...(await engine.scrape(infoHash)) });
    }
    const { entry: { name, infoHash, tracker }, others } = await catalogues.find(call.rest);
    const counts = await scrapeTracker(tracker, infoHash, call.signal, true);
    return view({ name, infoHash, tracker, others, ...counts });
  },
  tracker: async ({ tracker }, call) => {
    const { name, infoHash, others } = await findNewest(tracker, call.rest);
    const [counts] = await tracker.counts([infoHash]);
    return view({ ...counts!, name, tracker: undefined, others });
  },
};

function view(
  { name, infoHash, tracker, seeders, leechers, completed, others = [] }: Counts,
): View {
  return {
    view: "facts",
    event: "scrape",
    columns: COUNT_COLUMNS,
    row: {
      name,
      info_hash: infoHash,
      ...{ tracker, seeders, leechers, completed },
      "other_versions": otherVersions(others),
    },
  };
}
