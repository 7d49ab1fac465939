/**
 * The catalogue that trackers share in Redis. `redis/catalogue_scripts.ts` says what lies there.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { CatalogueFullError, MAX_ENTRIES, MAX_TOTAL } from "../contract/catalogue.ts";
import type { StoredTorrent } from "../contract/catalogue.ts";
import { decodeTorrent, encodeTorrent } from "./redis_records.ts";
import {
  ADD_TORRENT_SCRIPT,
  CATALOGUE_KEY,
  CATALOGUE_STATE_KEY,
  REMOVE_TORRENT_SCRIPT,
} from "./catalogue_scripts.ts";
import { LIFE } from "./swarm_scripts.ts";
import type { SharedTorrents } from "../contract/ports.ts";
import { type RedisConnection, redisScript } from "./redis_connection.ts";

/** Torrents asked for at once: 16 MiB at most. */
const CHUNK = 4;
/** How often (ms) the day is put off on which Redis forgets it. */
const RENEW_MS = 3_600_000;

const ADD = redisScript(ADD_TORRENT_SCRIPT);
const REMOVE = redisScript(REMOVE_TORRENT_SCRIPT);

/** All calls are rejected with a `TrackerError` while Redis is away. */
export class RedisCatalogue implements SharedTorrents {
  readonly #link: RedisConnection;
  #renewedAt = -Infinity;

  constructor(link: RedisConnection) {
    this.#link = link;
  }

  async state(): Promise<string | undefined> {
    const state = await this.#link.command("HMGET", CATALOGUE_STATE_KEY, "epoch", "version");
    const [epoch, version] = state as (Buffer | null)[];
    if (!epoch) return undefined;
    if (performance.now() - this.#renewedAt > RENEW_MS) {
      this.#renewedAt = performance.now();
      for (const key of [CATALOGUE_KEY, CATALOGUE_STATE_KEY]) {
        await this.#link.command("EXPIRE", key, String(LIFE));
      }
    }
    return `${epoch} ${version}`;
  }

  async infoHashes(): Promise<string[]> {
    return (await this.#link.command("HKEYS", CATALOGUE_KEY) as Buffer[]).map(String);
  }

  async *torrents(infoHashes: readonly string[]): AsyncGenerator<StoredTorrent> {
    for (let from = 0; from < infoHashes.length; from += CHUNK) {
      const some = infoHashes.slice(from, from + CHUNK);
      const records = await this.#link.command("HMGET", CATALOGUE_KEY, ...some);
      for (const [i, record] of (records as (Buffer | null)[]).entries()) {
        const torrent = record === null ? undefined : decodeTorrent(some[i]!, record);
        if (torrent !== undefined) yield torrent;
      }
    }
  }

  async add(torrent: StoredTorrent): Promise<boolean> {
    const added = await this.#link.run(ADD, [
      torrent.infoHash,
      encodeTorrent(torrent),
      String(MAX_ENTRIES),
      String(MAX_TOTAL),
      String(crypto.getRandomValues(new Uint32Array(1))[0]),
    ]);
    if (added === -1) throw new CatalogueFullError();
    return added === 1;
  }

  async remove(infoHash: string): Promise<boolean> {
    return await this.#link.run(REMOVE, [infoHash]) === 1;
  }
}
