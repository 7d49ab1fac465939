/**
 * What we keep for others in the DHT (BEP 5): who has which torrent, and the tokens that prove an
 * address.
 *
 * @module
 */
import { equalBytes } from "../../protocol/bytes20.ts";
import type { PeerAddress } from "../../protocol/compact.ts";

/** ms after which an announce is forgotten. */
const PEER_MS = 1_800_000;
/** Torrents, and peers of each. */
const MAX_TORRENTS = 2000;
const MAX_PEERS = 200;
/** BEP 5: tokens of the last ten minutes are accepted, and renewed after five. */
const TOKEN_MS = 600_000;
const RENEW_MS = 300_000;
const MAX_TOKENS = 5000;
const TOKEN_LENGTH = 8;

/** Bounded in every way; the oldest goes first. */
export class DhtPeerStore {
  readonly #torrents = new Map<string, Map<string, PeerAddress & { until: number }>>();
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
  add(infoHash: string, peer: PeerAddress, now: number): void {
    const peers = this.#torrents.get(infoHash) ?? new Map();
    this.#torrents.delete(infoHash);
    this.#torrents.set(infoHash, peers);
    dropOldest(this.#torrents, MAX_TORRENTS);
    const key = `${peer.host} ${peer.port}`;
    peers.delete(key);
    peers.set(key, { ...peer, until: now + PEER_MS });
    dropOldest(peers, MAX_PEERS);
  }

  /** Who has it, the latest first. */
  peers(infoHash: string, count: number, now: number): PeerAddress[] {
    const known = this.#torrents.get(infoHash);
    if (known === undefined) return [];
    for (const [key, { until }] of known) if (until <= now) known.delete(key);
    return [...known.values()].reverse().slice(0, count).map(({ host, port }) => ({ host, port }));
  }
}

function dropOldest<T>(map: Map<string, T>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
