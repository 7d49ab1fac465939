/**
 * The tools around .torrent files, without the engine: programs that make, read or check one load no
 * more than this.
 *
 * @module
 */
export { type CreateOptions, createTorrent } from "./metainfo/create_torrent.ts";
export {
  infoHashesAside,
  infoHashesAtOnce,
  infoHashesOf,
  requireLayers,
} from "./metainfo/info_hashes.ts";
export { readMetainfo, slices } from "../loop/process_loop.ts";
export { leftOutInWords } from "./metainfo/source_files.ts";
export { type VerifiedFile, type VerifiedFiles, verifyFiles } from "./resume/verify_files.ts";
export { rangesText } from "./resume/file_verdicts.ts";
export { fitsGlob } from "./pieces/named_files.ts";
