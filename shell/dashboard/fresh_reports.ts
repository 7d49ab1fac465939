/**
 * The reports of the peers of this network, as long as they are fresh.
 *
 * @module
 */
import type { BoardSeat } from "./page/api_types.ts";
import type { Report } from "./report.ts";
import { lowestPriority } from "./shares.ts";

/** Silence (ms) after which a peer is forgotten. */
const FORGET_MS = 5000;
/** No peer is heard more often than this (ms). */
const LEAST_MS = 200;
/** Peers on the board. */
const MAX_PEERS = 256;

interface Entry {
  readonly report: Report;
  readonly address: string;
  readonly at: number;
}

/** A swarm as the first of its peers reports it. */
export interface ReportedSwarm {
  readonly name: string;
  /** Bytes; 0 where it does not say. */
  readonly size: number;
  /** Peers that report on it. */
  reporting: number;
}

/** Who reports, and what. `now` is in ms. */
export class FreshReports {
  readonly #entries = new Map<string, Entry>();

  /** Takes a report from an address; a sentence where it is not wanted. */
  take(report: Report, address: string, now: number): string | undefined {
    const known = this.#entries.get(report.peer_id);
    if (known !== undefined && now - known.at < FORGET_MS) {
      // Who reported first under an ID has it, until it falls silent.
      if (known.address !== address) return "another address already reports as this peer";
      if (now - known.at < LEAST_MS) return "report twice a second, not more often";
    }
    if (known === undefined && this.#entries.size >= MAX_PEERS) {
      this.#forget(now);
      if (this.#entries.size >= MAX_PEERS) {
        const crowded = lowestPriority(this.#entries.values(), address);
        if (crowded === undefined) return "the board is full";
        this.#entries.delete(crowded.report.peer_id);
      }
    }
    this.#entries.set(report.peer_id, { report, address, at: now });
    return undefined;
  }

  /** Who sits in a swarm, by name. */
  seats(infoHash: string, now: number): BoardSeat[] {
    this.#forget(now);
    const seats: BoardSeat[] = [];
    for (const { report } of this.#entries.values()) {
      const torrent = report.torrents.find((one) => one.info_hash === infoHash);
      if (torrent === undefined) continue;
      seats.push({ "peer_id": report.peer_id, name: report.name, ...torrent });
    }
    return seats.sort((a, b) =>
      a.name.localeCompare(b.name, "en", { numeric: true }) || (a.peer_id < b.peer_id ? -1 : 1)
    );
  }

  /** Swarms that somebody reports on. */
  swarms(now: number): Map<string, ReportedSwarm> {
    this.#forget(now);
    const swarms = new Map<string, ReportedSwarm>();
    for (const { report } of this.#entries.values()) {
      for (const { info_hash: infoHash, torrent: name, size } of report.torrents) {
        const known = swarms.get(infoHash);
        if (known === undefined) swarms.set(infoHash, { name, size, reporting: 1 });
        else known.reporting++;
      }
    }
    return swarms;
  }

  #forget(now: number): void {
    for (const [id, { at }] of this.#entries) if (now - at >= FORGET_MS) this.#entries.delete(id);
  }
}
