/**
 * `limit`: how fast a torrent, or all together, may go, while they run.
 *
 * @module
 */
import type { EngineSnapshot, TorrentSnapshot } from "../../peer/mod.ts";
import { UsageError } from "../base/errors.ts";
import { parseSize } from "../flags/flag_value.ts";
import { formatRate } from "../base/format.ts";
import { splitOwn } from "../arguments/known_torrent.ts";
import type { Verb } from "./verb.ts";
import type { Column, Row, View } from "../view/view.ts";

const COLUMNS: readonly Column[] = [
  { key: "torrent", flexible: true },
  { key: "down" },
  { key: "up" },
];

const DIRECTIONS: Readonly<Record<string, "download" | "upload">> = {
  down: "download",
  download: "download",
  up: "upload",
  upload: "upload",
};

export const limit: Verb = {
  name: "limit",
  argument: "[NAME] up|down N",
  summary: "limit one torrent, or all without a name: 500k, 2M; 0 removes the limit",
  completes: "torrents",
  peer: ({ engine }, call) => {
    const { limits, others } = takeLimits(call.args);
    const { infoHash } = others.length === 0 ? {} : splitOwn(engine, others).torrent;
    if (Object.keys(limits).length > 0) engine.setLimits(limits, infoHash);
    const shown = engine.snapshot();
    const rows: Row[] = [
      row("(all together)", shown),
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

/** Pairs of direction and rate at the end; what is before them is a name. */
function takeLimits(args: readonly string[]): {
  limits: { download?: number; upload?: number };
  others: readonly string[];
} {
  const limits: { download?: number; upload?: number } = {};
  let end = args.length;
  for (; end >= 2; end -= 2) {
    const direction = DIRECTIONS[args[end - 2]!.toLowerCase()];
    const rate = args[end - 1]!;
    if (direction === undefined || !/^[-+.]?\d/.test(rate)) break;
    limits[direction] ??= parseSize(rate, args[end - 2]!);
  }
  if (DIRECTIONS[args[end - 1]?.toLowerCase() ?? ""] !== undefined) {
    throw new UsageError(
      `${args[end - 1]} how fast? Type limit ${args.join(" ")} 500k, or 0 for no limit`,
    );
  }
  return { limits, others: args.slice(0, end) };
}
