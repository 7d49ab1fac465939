/**
 * Info hashes: a torrent's SHA-1 and SHA-256 names, and whether its hash trees are sound.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import type { InfoHashes } from "../../protocol/info_hash.ts";
import type { Metainfo } from "../../protocol/metainfo.ts";
import { pieceLayerChecks } from "../../protocol/piece_layers.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";
import { HashTrees } from "../v2/hash_trees.ts";
import { createHash, sha256 } from "../hashing/node_hash.ts";
import { slices } from "../../loop/process_loop.ts";

/** What info hashes are made from. */
type Hashed = Pick<Metainfo, "info"> & { readonly infoBytes: Uint8Array };

/** Bytes that are hashed between two pauses: a millisecond or two where hashing is slow. */
const BYTES_PER_STEP = 2 ** 18;

/** Of info dictionaries that were hashed before: links and catalogues ask for the same ones. */
const known = new WeakMap<Uint8Array, InfoHashes>();

/** The info hashes that a torrent of its kind has. */
export async function infoHashesOf(metainfo: Hashed): Promise<InfoHashes> {
  return await slices.run(infoHashSteps(metainfo));
}

/**
 * The same for programs that have no engine, and have not loaded Node's hashes: of little with Web
 * Crypto. That answers whenever it likes, so that an engine in virtual time must not ask it.
 */
export async function infoHashesAside(metainfo: Hashed): Promise<InfoHashes> {
  const { info, infoBytes } = metainfo;
  if (infoBytes.length > BYTES_PER_STEP || known.has(infoBytes)) {
    return await slices.run(infoHashSteps(metainfo));
  }
  const hashes = {
    ...(info.kind !== "v2" && { v1: await digest("SHA-1", infoBytes) }),
    ...(info.kind !== "v1" && { v2: await digest("SHA-256", infoBytes) }),
  };
  known.set(infoBytes, hashes);
  return hashes;
}

async function digest(algorithm: "SHA-1" | "SHA-256", bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes as Uint8Array<ArrayBuffer>));
}

/** The same at once: for programs that have nobody else to serve, or where it was hashed before. */
export function infoHashesAtOnce(metainfo: Hashed): InfoHashes {
  return atOnce(infoHashSteps(metainfo));
}

function* infoHashSteps({ info, infoBytes }: Hashed): Steps<InfoHashes> {
  const before = known.get(infoBytes);
  if (before !== undefined) return before;
  const hashes = {
    ...(info.kind !== "v2" && { v1: yield* digestSteps("sha1", infoBytes) }),
    ...(info.kind !== "v1" && { v2: yield* digestSteps("sha256", infoBytes) }),
  };
  known.set(infoBytes, hashes);
  return hashes;
}

/** Of much: Web Crypto would begin with a copy of all, in one piece. */
function* digestSteps(algorithm: "sha1" | "sha256", bytes: Uint8Array): Steps<Uint8Array> {
  const hash = createHash(algorithm);
  for (let at = 0; at < bytes.length; at += BYTES_PER_STEP) {
    hash.update(bytes.subarray(at, at + BYTES_PER_STEP));
    yield;
  }
  return new Uint8Array(hash.digest());
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
export async function isInfoOf(infoBytes: Uint8Array, { v1, v2 }: InfoHashes): Promise<boolean> {
  const fits = async (algorithm: "sha1" | "sha256", hash: Uint8Array) =>
    equalBytes(await slices.run(digestSteps(algorithm, infoBytes)), hash);
  return (v1 === undefined || await fits("sha1", v1)) &&
    (v2 === undefined || await fits("sha256", v2));
}
