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
  BURY_SCRIPT,
  GONE,
  REMOVE_TORRENT_SCRIPT,
  STATE,
  WANTED_SCRIPT,
} from "./catalogue_scripts.ts";
import { LIFE } from "./swarm_scripts.ts";
import type { SharedTorrents, Withdrawal } from "../contract/ports.ts";
import { redisScript } from "./redis_connection.ts";
import type { RedisLink } from "./redis_link.ts";

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
  readonly #key: string;
  #renewedAt = -Infinity;

  constructor(link: RedisLink) {
    this.#link = link;
    this.#key = link.keys.catalogue;
  }

  async state(): Promise<string | undefined> {
    const state = await this.#link.command("HMGET", this.#key + STATE, "epoch", "version");
    const [epoch, version] = state as (Buffer | null)[];
    if (!epoch) return undefined;
    if (performance.now() - this.#renewedAt > RENEW_MS) {
      this.#renewedAt = performance.now();
      for (const key of [this.#key, this.#key + STATE, this.#key + GONE]) {
        await this.#link.command("EXPIRE", key, String(LIFE));
      }
    }
    return `${epoch} ${version}`;
  }

  async infoHashes(): Promise<string[]> {
    return (await this.#link.command("HKEYS", this.#key) as Buffer[]).map(String);
  }

  async *torrents(infoHashes: readonly string[]): AsyncGenerator<StoredTorrent> {
    for (let from = 0; from < infoHashes.length; from += CHUNK) {
      const some = infoHashes.slice(from, from + CHUNK);
      const records = await this.#link.command("HMGET", this.#key, ...some);
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
      wanted.push(...(await this.#link.run(WANTED, this.#key, args) as Buffer[]).map(String));
    }
    return wanted;
  }

  giveBack(torrent: StoredTorrent): Promise<boolean> {
    return this.#add(torrent, String(torrent.publishedAt));
  }

  async #add(torrent: StoredTorrent, publishedAt: string): Promise<boolean> {
    const added = await this.#link.run(ADD, this.#key, [
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
    return await this.#link.run(REMOVE, this.#key, [infoHash, String(Date.now()), "", ""]) === 1;
  }

  async withdraw(infoHash: string, owner: string): Promise<Withdrawal> {
    switch (await this.#link.run(REMOVE, this.#key, [infoHash, String(Date.now()), "1", owner])) {
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
      await this.#link.run(BURY, this.#key, [someEpoch(), ...some.flat().map(String)]);
    }
  }
}

function someEpoch(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}
