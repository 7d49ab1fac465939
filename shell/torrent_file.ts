/**
 * A .torrent from disk, from standard input or from a link.
 *
 * @module
 */
import { resolve } from "node:path";
import { BencodeError, MetainfoError } from "../protocol/mod.ts";
import { MAX_TORRENT_SIZE, type Metainfo, parseMetainfo } from "../protocol/mod.ts";
import { CommandError } from "./errors.ts";
import type { World } from "./world.ts";

/** A parsed .torrent with its info hash (SHA-1 of the info dictionary as it stands). */
export interface TorrentFile {
  readonly bytes: Uint8Array;
  readonly metainfo: Metainfo;
  /** Hex. */
  readonly infoHash: string;
}

/**
 * Reads and parses a .torrent; `-` is standard input.
 *
 * @throws {BencodeError | MetainfoError | CommandError} with a sentence that names the file
 */
export async function readTorrent(path: string, world: World): Promise<TorrentFile> {
  const bytes = path === "-" ? await world.stdin.bytes() : await readFile(resolve(world.cwd, path));
  return await parseTorrent(bytes, path === "-" ? "standard input" : path);
}

/** The same for bytes that are here; `name` says in an error whose they are. */
export async function parseTorrent(bytes: Uint8Array, name: string): Promise<TorrentFile> {
  try {
    const metainfo = parseMetainfo(bytes);
    const digest = await crypto.subtle.digest("SHA-1", metainfo.infoBytes);
    return { bytes, metainfo, infoHash: new Uint8Array(digest).toHex() };
  } catch (error) {
    if (error instanceof BencodeError) {
      const what = bytes.length === 0 ? "is empty" : `is no .torrent: ${error.message}`;
      throw Object.assign(error, { message: `${name} ${what}` });
    }
    if (error instanceof MetainfoError) {
      throw new MetainfoError(`${name} cannot be used: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  const { size, isDirectory } = await Deno.stat(path);
  if (isDirectory) throw new CommandError("bad-torrent", `${path} is a folder, not a .torrent`);
  if (size > MAX_TORRENT_SIZE) {
    throw new CommandError("bad-torrent", `${path} is too large for a .torrent`);
  }
  return await Deno.readFile(path);
}
