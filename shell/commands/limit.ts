/**
 * `limit`: how fast a torrent, or all together, may go, while they run, and how many peers each
 * torrent serves at a time.
 *
 * @module
 */
import type { EngineSnapshot, TorrentSnapshot } from "../../peer/mod.ts";
import { UsageError } from "../base/errors.ts";
import { parseCount, parseSize } from "../flags/flag_value.ts";
import { slotsIn } from "../flags/engine_options.ts";
import { formatRate } from "../base/format.ts";
import { splitOwn } from "../arguments/known_torrent.ts";
import type { Verb } from "./verb.ts";
import type { Column, Row, View } from "../view/view.ts";

const COLUMNS: readonly Column[] = [
  { key: "torrent", flexible: true },
  { key: "down" },
  { key: "up" },
  { key: "slots", unit: "count" },
];

const DIRECTIONS: Readonly<Record<string, "download" | "upload">> = {
  down: "download",
  download: "download",
  up: "upload",
  upload: "upload",
};

export const limit: Verb = {
  name: "limit",
  argument: "[NAME] up|down|slots N",
  summary: "500k, 2M, 0 for none, of one torrent or all; slots: peers served at a time",
  completes: "torrents",
  peer: ({ engine }, call) => {
    const { slots, others, ...rates } = takeLimits(call.args);
    if (slots !== undefined && others.length > 0) {
      throw new UsageError(
        "Upload slots are the same for every torrent: type limit slots N without a name",
      );
    }
    const { infoHash } = others.length === 0 ? {} : splitOwn(engine, others).torrent;
    if (Object.keys(rates).length > 0) engine.setLimits(rates, infoHash);
    if (slots !== undefined) engine.setUploadSlots(slots);
    const shown = engine.snapshot();
    const rows: Row[] = [
      { ...row("(all together)", shown), slots: shown.uploadSlots },
      ...shown.torrents
        .filter((torrent) =>
          torrent.infoHash === infoHash || torrent.downloadLimit > 0 || torrent.uploadLimit > 0
        )
        .map((torrent) => row(torrent.name, torrent)),
    ];
    const table: View = {
      view: "table",
      event: "limits",
      items: "limits",
      columns: COLUMNS,
      rows,
      empty: "",
    };
    return table;
  },
};

function row(torrent: string, of: EngineSnapshot | TorrentSnapshot): Row {
  const inWords = (rate: number) => rate === 0 ? "no limit" : formatRate(rate);
  return { torrent, down: inWords(of.downloadLimit), up: inWords(of.uploadLimit) };
}

/** Pairs of what is limited and how much at the end; what is before them is a name. */
function takeLimits(args: readonly string[]): {
  download?: number;
  upload?: number;
  slots?: number;
  others: readonly string[];
} {
  const limits: { download?: number; upload?: number; slots?: number } = {};
  let end = args.length;
  for (; end >= 2; end -= 2) {
    const what = args[end - 2]!.toLowerCase();
    const much = args[end - 1]!;
    if (!/^[-+.]?\d/.test(much)) break;
    if (what === "slots") limits.slots ??= slotsIn(parseCount(much, what), what);
    else if (DIRECTIONS[what] === undefined) break;
    else limits[DIRECTIONS[what]] ??= parseSize(much, args[end - 2]!);
  }
  const last = args[end - 1]?.toLowerCase() ?? "";
  if (last === "slots") {
    throw new UsageError(`${args[end - 1]}: how many? Type limit slots 4`);
  }
  if (DIRECTIONS[last] !== undefined) {
    throw new UsageError(
      `${args[end - 1]} how fast? Type limit ${args.join(" ")} 500k, or 0 for no limit`,
    );
  }
  return { ...limits, others: args.slice(0, end) };
}
