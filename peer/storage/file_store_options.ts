/**
 * Options of a file store.
 *
 * @module
 */
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Origin } from "./file_faults.ts";
import type { MappedFile } from "../pieces/file_map.ts";

/** What the store needs to know of a file of the metainfo. */
export interface StoredFile extends MappedFile {
  /** Its path as the torrent writes it, for people. */
  readonly path: string;
  /** The components of the path as they are written. Default: those between the slashes of `path`. */
  readonly parts?: readonly string[];
  /** The path's bytes, a character each, where they are not UTF-8. */
  readonly rawPath?: string;
  /** Padding (BEP 47): zeros, never on disk. */
  readonly pad: boolean;
  /** A link (BEP 47): never made. */
  readonly symlink: boolean;
}

export interface FileStoreOptions {
  /** The folder that holds or will hold the files. */
  readonly dir: string;
  readonly files: readonly StoredFile[];
  readonly layout: Layout;
  /** `store.paths` of an earlier run: names we chose, so that a `.part` under them is ours. */
  readonly paths?: readonly string[] | undefined;
  /** Whether each file is wanted: others are never made. Default: all are. */
  readonly wanted?: readonly boolean[] | undefined;
  /** Name of the hidden file for bytes of unwanted files in pieces that they share with others. */
  readonly boundary?: string | undefined;
  /** Name of the hidden file that keeps other programs out while something is written. Default: none. */
  readonly lock?: string | undefined;
  /** Where each file came from, as `store.origins` of an earlier run told. Default: nothing is known. */
  readonly origins?: readonly Origin[] | undefined;
  /** Whether its files are somebody's own: what differs is never taken for a stranger's. Default no. */
  readonly isOwn?: boolean | undefined;
}
