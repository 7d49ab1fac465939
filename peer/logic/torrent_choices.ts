/**
 * What the options of a new torrent choose for it.
 *
 * @module
 */
import type { Info } from "../../protocol/metainfo.ts";
import type { Steps } from "../../protocol/steps.ts";
import { changedPrioritySteps, lettersOf } from "./file_selection.ts";
import type { TorrentChoices } from "./resume_plan.ts";

/** @throws {SelectionError} where `select` means no file */
export function* choiceSteps(
  options: Omit<TorrentChoices, "files" | "seeded"> & {
    readonly select?: string | readonly number[] | undefined;
  },
  info: Info,
): Steps<TorrentChoices> {
  const { select, sequential, downloadLimit, uploadLimit, lists } = options;
  const files = select === undefined
    ? undefined
    : lettersOf(yield* changedPrioritySteps(info.files, [], select));
  return { files, sequential, downloadLimit, uploadLimit, lists };
}
