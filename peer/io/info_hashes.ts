/**
 * What SHA-1 and SHA-256 say of a torrent: its names, and whether its trees are sound.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import type { InfoHashes } from "../../protocol/info_hash.ts";
import type { Metainfo } from "../../protocol/metainfo.ts";
import { pieceLayerChecks } from "../../protocol/piece_layers.ts";
import { HashTrees } from "../logic/hash_trees.ts";
import { sha256 } from "./sha256.ts";
import { slices } from "./slices.ts";

/** The info hashes that a torrent of its kind has. */
export async function infoHashesOf(
  { info, infoBytes }: Pick<Metainfo, "info" | "infoBytes">,
): Promise<InfoHashes> {
  const digest = async (algorithm: string) =>
    new Uint8Array(await crypto.subtle.digest(algorithm, infoBytes));
  return {
    ...(info.kind !== "v2" && { v1: await digest("SHA-1") }),
    ...(info.kind !== "v1" && { v2: await digest("SHA-256") }),
  };
}

/**
 * Checks the piece layers that are there, with pauses in which others are served.
 *
 * @throws {MetainfoError} where one is not its file's
 */
export async function requireLayers(
  { info, pieceLayers }: Pick<Metainfo, "info" | "pieceLayers">,
): Promise<void> {
  await slices.run(pieceLayerChecks(info.files, info.pieceLength, pieceLayers, sha256, false));
}

/**
 * The hash trees of a v2 or hybrid torrent. Layers that lack are left to be asked for. Checking
 * pauses so that peers are served meanwhile.
 *
 * @throws {MetainfoError} where a piece layer is not its file's
 */
export async function treesOf(
  metainfo: Pick<Metainfo, "info" | "pieceLayers">,
): Promise<HashTrees | undefined> {
  await requireLayers(metainfo);
  return await slices.run(HashTrees.steps(metainfo.info, metainfo.pieceLayers, sha256));
}

/** Whether bytes are the info dictionary that all these hashes name. */
export async function isInfoOf(
  infoBytes: Uint8Array<ArrayBuffer>,
  { v1, v2 }: InfoHashes,
): Promise<boolean> {
  const fits = async (algorithm: string, hash: Uint8Array) =>
    equalBytes(new Uint8Array(await crypto.subtle.digest(algorithm, infoBytes)), hash);
  return (v1 === undefined || await fits("SHA-1", v1)) &&
    (v2 === undefined || await fits("SHA-256", v2));
}
