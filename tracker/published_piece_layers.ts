/**
 * Published piece layers (BEP 52): checks that they match the torrent's files: whoever fetches it from
 * here would be refused by every client otherwise.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Metainfo } from "../protocol/metainfo.ts";
import { pieceLayerChecks } from "../protocol/piece_layers.ts";
import { slices } from "../loop/process_loop.ts";

/**
 * Checks the layers that are there, with pauses in which others are answered.
 *
 * @throws {MetainfoError} where one does not match the root of its file
 */
export async function requireLayers({ info, pieceLayers }: Metainfo): Promise<void> {
  await slices.run(pieceLayerChecks(info.files, info.pieceLength, pieceLayers, sha256, false));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
