/**
 * Choices that the options of a new torrent make for it.
 *
 * @module
 */
import type { TorrentChoices } from "../options.ts";
import type { Info } from "../../protocol/metainfo.ts";
import type { Steps } from "../../protocol/steps.ts";
import { changedPrioritySteps, lettersOf } from "../pieces/file_priorities.ts";

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
