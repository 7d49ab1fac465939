/**
 * What the options of a new torrent choose for it.
 *
 * @module
 */
import type { TorrentChoices } from "../options.ts";
import { Layout } from "../../protocol/piece_layout.ts";
import type { Info } from "../../protocol/metainfo.ts";
import { changedPriorities, FileSelection } from "../pieces/file_priorities.ts";

/** @throws {SelectionError} where `select` means no file */
export function choicesOf(
  options: Omit<TorrentChoices, "files" | "seeded"> & {
    readonly select?: string | readonly number[] | undefined;
  },
  info: Info,
): TorrentChoices {
  const { select, sequential, downloadLimit, uploadLimit, lists } = options;
  const layout = new Layout(info.totalSize, info.pieceLength);
  const files = select === undefined
    ? undefined
    : new FileSelection(layout, info.files, changedPriorities(info.files, [], select)).letters;
  return { files, sequential, downloadLimit, uploadLimit, lists };
}
