/**
 * A .torrent from disk, from standard input or from a link.
 *
 * @module
 */
import { resolve } from "@std/path";
import {
  BencodeError,
  MAX_TORRENT_SIZE,
  type Metainfo,
  MetainfoError,
} from "../../protocol/mod.ts";
import { infoHashesAside, readMetainfo, requireLayers } from "../../peer/torrent_files.ts";
import { CommandError } from "../base/errors.ts";
import { type HexHashes, hexHashes } from "./magnet_link.ts";
import type { Environment } from "../base/environment.ts";

/** A parsed .torrent with its info hashes. */
export interface TorrentFile extends HexHashes {
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
}

/**
 * Reads and parses a .torrent; `-` is standard input.
 *
 * @throws {BencodeError | MetainfoError | CommandError} with a sentence that names the file
 */
export async function readTorrent(path: string, world: Environment): Promise<TorrentFile> {
  const bytes = path === "-" ? await world.stdin.bytes() : await readFile(resolve(world.cwd, path));
  return await parseTorrent(bytes, path === "-" ? "standard input" : path);
}

/** The same for bytes that are here; `name` says in an error whose they are. */
export async function parseTorrent(bytes: Uint8Array, name: string): Promise<TorrentFile> {
  try {
    const metainfo = await readMetainfo(bytes);
    // What a magnet link's torrent lacks comes from peers; what is there has to be right.
    await requireLayers(metainfo);
    await infoHashesAside(metainfo);
    return { bytes, metainfo, ...hexHashes(metainfo) };
  } catch (error) {
    if (error instanceof BencodeError) {
      throw Object.assign(error, { message: `${name} ${whatItIs(bytes, error)}` });
    }
    if (error instanceof MetainfoError) {
      throw new MetainfoError(`${name} cannot be used: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** What something is that is no .torrent. */
function whatItIs(bytes: Uint8Array, { message }: Error): string {
  if (bytes.length === 0) return "is empty";
  const start = new TextDecoder().decode(bytes.subarray(0, 512));
  // What a site answers where the link has run out, or wants somebody to log in.
  return /^\ufeff?\s*<(!doctype|html|head|\?xml|!--)/i.test(start)
    ? "is no .torrent but a page of the web: look at it in a browser for the right link"
    : `is no .torrent: ${message}`;
}

async function readFile(path: string): Promise<Uint8Array> {
  const { size, isDirectory } = await Deno.stat(path);
  if (isDirectory) throw new CommandError("bad-torrent", `${path} is a folder, not a .torrent`);
  if (size > MAX_TORRENT_SIZE) {
    throw new CommandError("bad-torrent", `${path} is too large for a .torrent`);
  }
  return await Deno.readFile(path);
}
