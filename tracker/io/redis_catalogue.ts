/**
 * The catalogue that trackers share in Redis. `logic/redis_catalogue_scripts.ts` says what lies there.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { CatalogueFullError, MAX_ENTRIES, MAX_TOTAL } from "../logic/catalogue.ts";
import type { StoredTorrent } from "../logic/catalogue.ts";
import { decodeTorrent, encodeTorrent } from "../logic/redis_records.ts";
import {
  ADD_TORRENT_SCRIPT,
  BURY_SCRIPT,
  CATALOGUE_GONE_KEY,
  CATALOGUE_KEY,
  CATALOGUE_STATE_KEY,
  REMOVE_TORRENT_SCRIPT,
  WANTED_SCRIPT,
} from "../logic/redis_catalogue_scripts.ts";
import { LIFE } from "../logic/redis_scripts.ts";
import type { SharedTorrents, Withdrawal } from "../ports.ts";
import { type RedisLink, redisScript } from "./redis_link.ts";

/** Torrents asked for at once: 16 MiB at most. */
const CHUNK = 4;
/** Torrents of which Redis looks at the records at once: some milliseconds. */
const WANTED_CHUNK = 100;
/** Torrents that are told at once to have been taken out. */
const GONE_CHUNK = 500;
/** How often (ms) the day is put off on which Redis forgets it. */
const RENEW_MS = 3_600_000;

const ADD = redisScript(ADD_TORRENT_SCRIPT);
const REMOVE = redisScript(REMOVE_TORRENT_SCRIPT);
const BURY = redisScript(BURY_SCRIPT);
const WANTED = redisScript(WANTED_SCRIPT);

/** All calls are rejected with a `TrackerError` while Redis is away. */
export class RedisCatalogue implements SharedTorrents {
  readonly #link: RedisLink;
  #renewedAt = -Infinity;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  async state(): Promise<string | undefined> {
    const state = await this.#link.command("HMGET", CATALOGUE_STATE_KEY, "epoch", "version");
    const [epoch, version] = state as (Buffer | null)[];
    if (!epoch) return undefined;
    if (performance.now() - this.#renewedAt > RENEW_MS) {
      this.#renewedAt = performance.now();
      for (const key of [CATALOGUE_KEY, CATALOGUE_STATE_KEY, CATALOGUE_GONE_KEY]) {
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

  add(torrent: StoredTorrent): Promise<boolean> {
    return this.#add(torrent, "");
  }

  async wanted(
    known: readonly Pick<StoredTorrent, "infoHash" | "publishedAt">[],
  ): Promise<string[]> {
    const wanted: string[] = [];
    for (let from = 0; from < known.length; from += WANTED_CHUNK) {
      const some = known.slice(from, from + WANTED_CHUNK);
      const args = some.flatMap(({ infoHash, publishedAt }) => [infoHash, String(publishedAt)]);
      wanted.push(...(await this.#link.run(WANTED, args) as Buffer[]).map(String));
    }
    return wanted;
  }

  giveBack(torrent: StoredTorrent): Promise<boolean> {
    return this.#add(torrent, String(torrent.publishedAt));
  }

  async #add(torrent: StoredTorrent, publishedAt: string): Promise<boolean> {
    const added = await this.#link.run(ADD, [
      torrent.infoHash,
      encodeTorrent(torrent),
      String(MAX_ENTRIES),
      String(MAX_TOTAL),
      someEpoch(),
      publishedAt,
    ]);
    if (added === -1) throw new CatalogueFullError();
    return added === 1;
  }

  async remove(infoHash: string): Promise<boolean> {
    return await this.#link.run(REMOVE, [infoHash, String(Date.now()), "", ""]) === 1;
  }

  async withdraw(infoHash: string, owner: string): Promise<Withdrawal> {
    switch (await this.#link.run(REMOVE, [infoHash, String(Date.now()), "1", owner])) {
      case 1:
        return "withdrawn";
      case 0:
        return "unknown";
      default:
        return "refused";
    }
  }

  async bury(gone: ReadonlyMap<string, number>): Promise<void> {
    const all = [...gone];
    for (let from = 0; from < all.length; from += GONE_CHUNK) {
      const some = all.slice(from, from + GONE_CHUNK);
      await this.#link.run(BURY, [someEpoch(), ...some.flat().map(String)]);
    }
  }
}

function someEpoch(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}
