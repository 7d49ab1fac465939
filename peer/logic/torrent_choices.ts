/**
 * What the options of a new torrent choose for it.
 *
 * @module
 */
import type { Info } from "../../protocol/metainfo.ts";
import { changedPriorities, lettersOf } from "./file_selection.ts";
import type { TorrentChoices } from "./resume_plan.ts";

/** @throws {SelectionError} where `select` means no file */
export function choicesOf(
  options: Omit<TorrentChoices, "files" | "seeded"> & {
    readonly select?: string | readonly number[] | undefined;
  },
  info: Info,
): TorrentChoices {
  const { select, sequential, downloadLimit, uploadLimit, lists } = options;
  const files = select === undefined
    ? undefined
    : lettersOf(changedPriorities(info.files, [], select));
  return { files, sequential, downloadLimit, uploadLimit, lists };
}
