/**
 * Headline of the board: who gave how much, and what it would have been without the others' help. Pure.
 *
 * @module
 */
import type { BoardPeer } from "./board_moment.ts";
import { bytes, count, duration, isolated } from "../words.ts";

/** Two lines. */
export interface Headline {
  readonly sentence: string;
  /** How far, how fast, how long still. */
  readonly rest: string;
}

/** Peers whose amounts are kept, also of those that left. */
const MAX_PEERS = 1024;

/** What one peer took and gave, over all times that it was here. */
interface Account {
  readonly name: string;
  readonly isOrigin: boolean;
  readonly taken: number;
  readonly given: number;
  /** Before it was started anew and counted from zero. */
  readonly takenBefore: number;
  readonly givenBefore: number;
}

/** Sums over all peers, bytes. */
export interface Totals {
  /** Names of those that had everything from the start. */
  readonly origins: readonly string[];
  /** What they gave. */
  readonly given: number;
  /** What all others took, and what they gave. */
  readonly taken: number;
  readonly passedOn: number;
}

/** Keeps what each peer gave and took: who has left did so all the same. */
export class GivenLedger {
  readonly #accounts = new Map<string, Account>();

  clear(): void {
    this.#accounts.clear();
  }

  note(peers: Iterable<BoardPeer>): void {
    for (const { id, name, taken, given, isOrigin } of peers) {
      const before = this.#accounts.get(id);
      if (before === undefined && this.#accounts.size >= MAX_PEERS) continue;
      const { takenBefore = 0, givenBefore = 0 } = before ?? {};
      this.#accounts.set(id, {
        name,
        isOrigin: isOrigin || (before?.isOrigin === true && taken === 0),
        taken,
        given,
        takenBefore: takenBefore +
          (before !== undefined && taken < before.taken ? before.taken : 0),
        givenBefore: givenBefore +
          (before !== undefined && given < before.given ? before.given : 0),
      });
    }
  }

  totals(): Totals {
    const origins = new Set<string>();
    let [given, taken, passedOn] = [0, 0, 0];
    for (const account of this.#accounts.values()) {
      const gave = account.givenBefore + account.given;
      if (account.isOrigin) {
        origins.add(account.name);
        given += gave;
      } else {
        taken += account.takenBefore + account.taken;
        passedOn += gave;
      }
    }
    return { origins: [...origins], given, taken, passedOn };
  }
}

/** What the swarm of these peers comes to. */
export function headline(peers: readonly BoardPeer[], ledger: GivenLedger): Headline {
  const totals = ledger.totals();
  const sentence = totals.origins.length === 0
    ? withoutOrigin(peers, totals)
    : withOrigin(peers, totals);
  return { sentence, rest: rest(peers) };
}

function withOrigin(
  peers: readonly BoardPeer[],
  { origins, given, taken, passedOn }: Totals,
): string {
  const who = origins.length > 2 ? `${origins.length} seeds` : origins.map(isolated).join(" and ");
  if (given === 0 && taken === 0) {
    const wanting = peers.filter(({ progress }) => progress < 1).length;
    const has = origins.length > 1 ? "have" : "has";
    return wanting === 0
      ? `${who} ${has} everything, and nobody asks for it`
      : `${who} ${has} everything; ${count(wanting, "peer")} ${
        wanting === 1 ? "wants" : "want"
      } it`;
  }
  if (passedOn === 0) return `${who} gave ${bytes(given)}; the others gave nothing yet`;
  return taken > given
    ? `${who} gave ${bytes(given)}; alone it would be ${bytes(taken)}`
    : `${who} gave ${bytes(given)}; the others gave ${bytes(passedOn)}`;
}

function withoutOrigin(peers: readonly BoardPeer[], { taken }: Totals): string {
  if (taken > 0) return `No seed from the start is here; the peers gave each other ${bytes(taken)}`;
  if (peers.length === 0) return "Nobody is in this swarm";
  return peers.some(({ progress }) => progress >= 1)
    ? "Everything is here, and nothing moves yet"
    : `${count(peers.length, "peer")} ${peers.length === 1 ? "waits" : "wait"} for a seed`;
}

function rest(peers: readonly BoardPeer[]): string {
  if (peers.length === 0) return "";
  const unfinished = peers.filter(({ progress }) => progress < 1);
  const done = peers.length - unfinished.length;
  const rate = peers.reduce((sum, { up }) => sum + up, 0);
  const etas = unfinished.map(({ eta }) => eta);
  const parts = [
    unfinished.length === 0
      ? peers.length === 1 ? "one peer, with everything" : `all ${peers.length} have everything`
      : `${done} of ${peers.length} ${done === 1 ? "has" : "have"} everything`,
  ];
  if (rate > 0) parts.push(`${bytes(rate)}/s together`);
  if (etas.length > 0 && etas.every((eta) => eta !== null)) {
    parts.push(`${duration(Math.max(...etas as number[]))} to go`);
  }
  return parts.join(" · ");
}
