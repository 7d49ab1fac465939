/**
 * The magnet link of a torrent that is here.
 *
 * @module
 */
import { infoHashesAtOnce } from "../../peer/torrent_files.ts";
import { formatMagnet, ID_LENGTH, type Metainfo } from "../../protocol/mod.ts";

/** Info hashes in hex: 40 digits that name the swarm, and for v2 the whole one of 64. */
export interface HexHashes {
  readonly infoHash: string;
  /** SHA-1; undefined for a v2-only torrent. */
  readonly v1: string | undefined;
  /** SHA-256; undefined for a v1 torrent. */
  readonly v2: string | undefined;
}

/** What the hashes are made from. */
interface Hashed extends Pick<Metainfo, "info"> {
  readonly infoBytes: Uint8Array;
}

/** A torrent's info hashes; of a large one in one piece, unless `infoHashesOf` was asked before. */
export function hexHashes(metainfo: Hashed): HexHashes {
  const hashes = infoHashesAtOnce(metainfo);
  const [v1, v2] = [hashes.v1?.toHex(), hashes.v2?.toHex()];
  return { infoHash: v1 ?? v2!.slice(0, 2 * ID_LENGTH), v1, v2 };
}

/** A link that names the torrent, its swarms, these trackers, web seeds and peers. */
export function magnetLink(
  metainfo: Hashed,
  trackers: readonly string[],
  webSeeds: readonly string[],
  peers: readonly { host: string; port: number }[] = [],
): string {
  const { infoHash, v2 } = hexHashes(metainfo);
  return formatMagnet({
    infoHash: Uint8Array.fromHex(infoHash),
    ...(v2 !== undefined && { infoHashV2: Uint8Array.fromHex(v2) }),
    name: metainfo.info.name,
    trackers: [...new Set(trackers)],
    webSeeds: [...webSeeds],
    peers: [...peers],
    select: undefined,
  });
}
