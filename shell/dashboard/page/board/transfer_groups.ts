/**
 * Transfer groups: which peer serves which, by giver, in an order that stays. Pure.
 *
 * @module
 */
import type { BoardLink, BoardSeat } from "../api_types.ts";
import { type BoardPeer, byName, reasonOf, standing, whyInWords } from "./board_moment.ts";

/** One connection in one direction. */
export interface TransferRow {
  /** The taker's peer ID. */
  readonly id: string;
  readonly name: string;
  /** Bytes per second, and bytes so far. */
  readonly rate: number;
  readonly given: number;
  /** `served`, `choked, interested` and the like. */
  readonly standing: string;
  readonly why: string;
  /** Nothing flows, and nobody waits. */
  readonly isIdle: boolean;
}

/** What one peer gives, to whom. */
export interface TransferGroup {
  readonly id: string;
  readonly name: string;
  readonly rate: number;
  readonly given: number;
  readonly rows: readonly TransferRow[];
}

/** Rows in all, and pairs of peers that are remembered. */
const MAX_ROWS = 200;
const MAX_PAIRS = 4096;

/**
 * Remembers which rows there were: who was served once keeps its row as long as both are here, so
 * that nothing jumps while interest and connections come and go.
 */
export class TransferGroups {
  /** Giver → taker → bytes that went there, as was reported last. */
  #pairs = new Map<string, Map<string, number>>();

  clear(): void {
    this.#pairs.clear();
  }

  /** What is so now; what is shown may be of before. */
  note(seats: readonly BoardSeat[], peers: ReadonlyMap<string, BoardPeer>): void {
    const pairs = new Map<string, Map<string, number>>();
    let room = MAX_PAIRS;
    for (const { peer_id: giver, links } of seats) {
      const takers = new Map<string, number>();
      for (const [taker, given] of this.#pairs.get(giver) ?? []) {
        if (peers.has(taker)) takers.set(taker, given);
      }
      for (const link of links) {
        if (takers.has(link.to) || isWorthARow(link)) takers.set(link.to, link.given);
      }
      room -= takers.size;
      if (room < 0) break;
      pairs.set(giver, takers);
    }
    this.#pairs = pairs;
  }

  /** The groups of a moment, and how many rows are left out. */
  of(
    seats: readonly BoardSeat[],
    peers: ReadonlyMap<string, BoardPeer>,
  ): { groups: readonly TransferGroup[]; leftOut: number } {
    const groups: TransferGroup[] = [];
    let [room, leftOut] = [MAX_ROWS, 0];
    const givers = seats.map((seat) => ({ seat, id: seat.peer_id, name: seat.name })).sort(byName);
    for (const { seat, id, name } of givers) {
      const all = this.#rowsOf(seat, peers).sort(byName);
      const rows = all.slice(0, room);
      room -= rows.length;
      leftOut += all.length - rows.length;
      if (rows.length === 0) continue;
      const rate = seat.links.reduce((sum, link) => sum + link.rate, 0);
      groups.push({ id, name, rate, given: seat.uploaded, rows });
    }
    return { groups, leftOut };
  }

  #rowsOf(seat: BoardSeat, peers: ReadonlyMap<string, BoardPeer>): TransferRow[] {
    const pairs = this.#pairs.get(seat.peer_id) ?? new Map<string, number>();
    const rows = seat.links.filter((link) => pairs.has(link.to) || isWorthARow(link))
      .map((link): TransferRow => ({
        id: link.to,
        name: peers.get(link.to)?.name ?? link.name,
        rate: link.rate,
        given: link.given,
        standing: standing(link),
        why: whyInWords(reasonOf(link), seat.name),
        isIdle: link.rate === 0 && !link.wanted,
      }));
    const connected = new Set(seat.links.map(({ to }) => to));
    for (const [id, given] of pairs) {
      const peer = peers.get(id);
      if (connected.has(id) || peer === undefined) continue;
      const { name } = peer;
      rows.push({ id, name, rate: 0, given, standing: "not connected", why: "", isIdle: true });
    }
    return rows;
  }
}

function isWorthARow({ wanted, rate, given }: BoardLink): boolean {
  return wanted || rate > 0 || given > 0;
}
