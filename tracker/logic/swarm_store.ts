/**
 * All swarms of a tracker: announce, scrape, and forgetting who does not come back.
 *
 * @module
 */
import type { AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { classifyIp, isDialable } from "../../protocol/compact.ts";
import { announceInterval } from "./announce_interval.ts";
import { type OwnAddress, ownAddressFor } from "./own_address.ts";
import type { PeerFacts, PeerTable } from "./peer_table.ts";
import { Swarm } from "./swarm.ts";

/** Most peers in one reply. */
const MAX_NUMWANT = 200;
/** Peers in a reply to who names no number. */
const DEFAULT_NUMWANT = 50;
/** A peer may miss one announce, and be a little late, in seconds. */
const GRACE = 5;

/** An announce's answer. Lists are compact. */
export interface StoreReply {
  readonly interval: number;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
  readonly peers4: Uint8Array;
  readonly peers6: Uint8Array;
}

/** Where an announce came from. */
export interface Asker {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** Addresses of this host, for peers on it. */
  readonly own: readonly OwnAddress[];
}

/** A peer whose time was up. */
export interface ExpiredPeer {
  readonly infoHash: string;
  readonly record: Uint8Array;
  readonly facts: PeerFacts;
}

/** Swarms by info hash (as 20 Latin-1 characters). Times in ms. */
export class SwarmStore {
  readonly #swarms = new Map<string, Swarm>();
  readonly #random: () => number;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Swarms by info hash in hex. */
  *swarms(): Generator<[infoHash: string, swarm: Swarm]> {
    for (const [key, swarm] of this.#swarms) yield [hexOf(key), swarm];
  }

  /**
   * Notes what a peer says and gives it others. It never gets itself, though it announced before;
   * counts are taken after it was noted, as clients show them.
   */
  announce(request: AnnounceRequest, asker: Asker, now: number): StoreReply {
    const seconds = now / 1000;
    const { event, left, port, peerId, numwant } = request;
    const key = keyOf(request.infoHash);
    let swarm = this.#swarms.get(key);
    if (swarm === undefined) {
      swarm = new Swarm(seconds);
      if (event !== "stopped") this.#swarms.set(key, swarm);
    }
    const { address } = asker;
    const isLocal = classifyIp(address) === "loopback";
    const table = swarm.table(address, isLocal);
    const record = recordOf(address, port);
    const before = table.get(record);
    table.delete(record);
    if (event === "completed" && before !== undefined && before.left !== 0) swarm.completed++;

    const wanted = event === "stopped"
      ? 0
      : Math.min(MAX_NUMWANT, numwant < 0 ? DEFAULT_NUMWANT : numwant);
    const choice = { leechersOnly: left === 0, random: this.#random };
    const peers4 = pick(swarm.remote4, swarm.local4, wanted, choice, asker, isLocal);
    const peers6 = pick(swarm.remote6, swarm.local6, wanted, choice, asker, isLocal);

    const interval = announceInterval(swarm.size + 1, seconds - swarm.since, peerId);
    // BEP 21: a paused peer holds a part for others; to the tracker it is one more leecher.
    if (event !== "stopped" && isDialable(address, port)) {
      table.set(record, {
        peerId: peerId.slice(),
        name: request.name,
        uploaded: request.uploaded,
        downloaded: request.downloaded,
        left,
        seenAt: seconds,
        validUntil: seconds + 2 * interval + GRACE,
      });
    }
    const { size, seeders, completed } = swarm;
    return { interval, seeders, leechers: size - seeders, completed, peers4, peers6 };
  }

  /** Takes over how often a torrent was completed, as it is remembered from an earlier run. */
  restoreCompleted(infoHash: Uint8Array, completed: number, now: number): void {
    const swarm = new Swarm(now / 1000);
    swarm.completed = completed;
    this.#swarms.set(keyOf(infoHash), swarm);
  }

  scrape(infoHash: Uint8Array): ScrapeEntry {
    const swarm = this.#swarms.get(keyOf(infoHash));
    const seeders = swarm?.seeders ?? 0;
    return {
      infoHash,
      seeders,
      leechers: (swarm?.size ?? 0) - seeders,
      completed: swarm?.completed ?? 0,
    };
  }

  /**
   * Forgets peers that did not come back in twice the time they were told, and swarms without
   * anybody that nobody ever completed.
   */
  sweep(now: number): ExpiredPeer[] {
    const expired: ExpiredPeer[] = [];
    for (const [key, swarm] of this.#swarms) {
      for (const table of swarm.tables) {
        table.sweep(now / 1000, (record, facts) => {
          expired.push({ infoHash: hexOf(key), record, facts });
        });
      }
      if (swarm.size === 0 && swarm.completed === 0) this.#swarms.delete(key);
    }
    return expired;
  }
}

/**
 * Compact peers of one family: those elsewhere as they are, those on this host as loopback for
 * askers on this host, and as this host's own address for all others.
 */
function pick(
  remote: PeerTable,
  local: PeerTable,
  wanted: number,
  choice: { leechersOnly: boolean; random: () => number },
  asker: Asker,
  isLocal: boolean,
): Uint8Array {
  const { recordLength } = remote;
  const into = new Uint8Array(Math.min(wanted, remote.size + local.size) * recordLength);
  const room = into.length / recordLength;
  let count = local.sample(into, 0, room, choice);
  if (!isLocal && count > 0) {
    const own = asker.address.length === recordLength - 2
      ? ownAddressFor(asker.address, asker.own)
      : undefined;
    if (own === undefined) count = 0;
    else for (let i = 0; i < count; i++) into.set(own, i * recordLength);
  }
  count += remote.sample(into, count * recordLength, room - count, choice);
  return into.subarray(0, count * recordLength);
}

function recordOf(address: Uint8Array, port: number): Uint8Array {
  const record = new Uint8Array(address.length + 2);
  record.set(address);
  record[address.length] = port >> 8;
  record[address.length + 1] = port & 0xff;
  return record;
}

function keyOf(infoHash: Uint8Array): string {
  return String.fromCharCode(...infoHash);
}

function hexOf(key: string): string {
  return Uint8Array.from(key, (character) => character.charCodeAt(0)).toHex();
}
