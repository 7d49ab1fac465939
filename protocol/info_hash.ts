/**
 * The names of a torrent: SHA-1 of its info dictionary (BEP 3), SHA-256 (BEP 52), or both.
 *
 * @module
 */
import { ID_LENGTH } from "./bytes20.ts";

/** What names a torrent. A hybrid has both, all others one. */
export interface InfoHashes {
  /** 20 bytes: SHA-1. */
  readonly v1?: Uint8Array;
  /** 32 bytes: SHA-256. */
  readonly v2?: Uint8Array;
}

/**
 * The 20-byte names of the swarms that a torrent has, on the wire and at trackers: the v1 info hash
 * first, then the v2 one cut to 20 bytes.
 */
export function swarmHashes({ v1, v2 }: InfoHashes): Uint8Array[] {
  return [v1, v2?.subarray(0, ID_LENGTH)].filter((hash) => hash !== undefined);
}
