/**
 * What we keep for others in the DHT (BEP 5): who has which torrent, and the tokens that prove an
 * address.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import type { PeerAddress } from "../../protocol/compact.ts";
import { addressKey } from "./address_key.ts";

/** ms after which an announce is forgotten. */
const PEER_MS = 1_800_000;
/** Announces kept in all, of one address, and of one torrent. */
const MAX_ENTRIES = 10_000;
const MAX_OF_ADDRESS = 1000;
const MAX_PEERS = 200;
/** Addresses, those known for longest, of which the one with the most gives way. */
const MAX_COMPARED = 500;
/** BEP 5: tokens of the last ten minutes are accepted, and renewed after five. */
const TOKEN_MS = 600_000;
const RENEW_MS = 300_000;
const MAX_TOKENS = 5000;
const TOKEN_LENGTH = 8;

/** An announce. */
interface Entry extends PeerAddress {
  readonly infoHash: string;
  readonly address: string;
  readonly until: number;
}

/** Bounded in every way: where it is full, the oldest of those who have the most goes first. */
export class DhtStore {
  /** By torrent and by address; in all of them the oldest first. */
  readonly #torrents = new Map<string, Map<string, Entry>>();
  readonly #addresses = new Map<string, Map<string, Entry>>();
  readonly #entries = new Map<string, Entry>();
  readonly #tokens = new Map<string, { token: Uint8Array; at: number }>();
  readonly #random: () => number;

  /** @param random uniform in [0, 1), hard to guess */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The token for an address. */
  tokenFor(host: string, now: number): Uint8Array {
    const known = this.#tokens.get(host);
    if (known !== undefined && now - known.at < RENEW_MS) return known.token;
    const token = Uint8Array.from(
      { length: TOKEN_LENGTH },
      () => Math.floor(this.#random() * 256),
    );
    this.#tokens.delete(host);
    this.#tokens.set(host, { token, at: now });
    dropOldest(this.#tokens, MAX_TOKENS);
    return token;
  }

  /** Whether an address was given this token lately. */
  isTokenOf(host: string, token: Uint8Array, now: number): boolean {
    const known = this.#tokens.get(host);
    return known !== undefined && now - known.at < TOKEN_MS && equalBytes(known.token, token);
  }

  /** Somebody has a torrent (hex). */
  add(infoHash: string, { host, port }: PeerAddress, now: number): void {
    this.#expire(now);
    const entry = { infoHash, host, port, address: addressKey(host), until: now + PEER_MS };
    this.#drop(this.#entries.get(keyOf(entry)));
    const peers = this.#torrents.get(infoHash);
    if (peers !== undefined && peers.size >= MAX_PEERS) this.#drop(oldestOfMost(peers.values()));
    const own = this.#addresses.get(entry.address);
    if (own !== undefined && own.size >= MAX_OF_ADDRESS) this.#drop(own.values().next().value);
    if (this.#entries.size >= MAX_ENTRIES) {
      let most: Map<string, Entry> | undefined;
      for (const one of this.#addresses.values().take(MAX_COMPARED)) {
        if (one.size > (most?.size ?? 0)) most = one;
      }
      this.#drop(most?.values().next().value);
    }
    const key = keyOf(entry);
    this.#entries.set(key, entry);
    mapOf(this.#torrents, infoHash).set(key, entry);
    mapOf(this.#addresses, entry.address).set(key, entry);
  }

  /** Who has it, the latest first, and of each address the latest before all its others. */
  peers(infoHash: string, count: number, now: number): PeerAddress[] {
    this.#expire(now);
    const rounds: PeerAddress[][] = [];
    const turns = new Map<string, number>();
    for (
      const { host, port, address } of [...this.#torrents.get(infoHash)?.values() ?? []].reverse()
    ) {
      const turn = turns.get(address) ?? 0;
      turns.set(address, turn + 1);
      (rounds[turn] ??= []).push({ host, port });
    }
    return rounds.flat().slice(0, count);
  }

  #expire(now: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.until > now) return;
      this.#drop(entry);
    }
  }

  #drop(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const key = keyOf(entry);
    this.#entries.delete(key);
    for (
      const [maps, name] of [[this.#torrents, entry.infoHash], [
        this.#addresses,
        entry.address,
      ]] as const
    ) {
      const map = maps.get(name);
      map?.delete(key);
      if (map?.size === 0) maps.delete(name);
    }
  }
}

function keyOf({ infoHash, host, port }: Pick<Entry, "infoHash" | "host" | "port">): string {
  return `${infoHash} ${host} ${port}`;
}

function mapOf<T>(maps: Map<string, Map<string, T>>, name: string): Map<string, T> {
  let map = maps.get(name);
  if (map === undefined) maps.set(name, map = new Map());
  return map;
}

/** The oldest entry of the address that has the most of them. */
function oldestOfMost(entries: Iterable<Entry>): Entry | undefined {
  const oldest = new Map<string, { entry: Entry; count: number }>();
  let most: { entry: Entry; count: number } | undefined;
  for (const entry of entries) {
    const one = oldest.get(entry.address) ?? { entry, count: 0 };
    one.count++;
    oldest.set(entry.address, one);
    if (most === undefined || one.count > most.count) most = one;
  }
  return most?.entry;
}

function dropOldest<T>(map: Map<string, T>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
