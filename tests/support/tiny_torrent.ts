/**
 * A torrent of one piece that nobody has: enough for whoever only keeps .torrent files.
 *
 * @module
 */
import { encodeMetainfo } from "../../protocol/metainfo.ts";

/** @param options.hash what each byte of the piece's hash is, so that names may be shared */
export function tinyTorrent(
  name: string,
  { length = 100, hash = 0 } = {},
): ReturnType<typeof encodeMetainfo> {
  const pieces = new Uint8Array(20).fill(hash);
  return encodeMetainfo({ name, pieceLength: 16384, pieces, files: undefined, length });
}
