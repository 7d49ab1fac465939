/**
 * Decisions on the board: what changed between two moments that is worth a line, and why. Pure.
 *
 * @module
 */
import type { BoardLink } from "../api_types.ts";
import {
  type BoardMoment,
  type BoardPeer,
  isForUnchoke,
  NOBODY,
  whyInWords,
} from "./board_moment.ts";
import { isolated } from "../words.ts";

/** What was decided, or happened. */
export interface Decision {
  /** ms of the page's clock. */
  readonly at: number;
  readonly kind: "serves" | "optimistic" | "chokes" | "begun" | "complete" | "came" | "left";
  /** `ada unchokes bob`. */
  readonly text: string;
  /** The reason; "" where there is none to tell. */
  readonly why: string;
  /** It was so when the board was opened: nobody here knows since when. */
  readonly isEarlier: boolean;
}

/** Decisions that are kept, and of one moment. */
const MAX_KEPT = 400;
const MAX_AT_ONCE = 12;
/** ms in which the same of the same two is told once: interest comes and goes with every piece. */
const SAME_MS = 10_000;
/** Connections that a full report has: one that is not in it may only have slowed down. */
const FULL_REPORT = 40;
/** Peers of which it is known that they reported before. */
const MAX_REPORTERS = 4096;

/** Reasons of the choker: that one who wants nothing is choked is no decision worth a line. */
const NOT_INTERESTED = "not interested";
const OPTIMISTIC = "optimistic";

/** A moment and its peers. */
export interface Seen {
  readonly moment: BoardMoment;
  readonly peers: ReadonlyMap<string, BoardPeer>;
}

/**
 * Compares each moment with the one before and keeps what was decided between them; of a peer's first
 * report, whom it serves by then.
 */
export class Decisions {
  #kept: Decision[] = [];
  #before: Seen = { moment: NOBODY, peers: new Map() };
  /** Who has reported: one that was silent for a while has decided nothing anew. */
  readonly #reporters = new Set<string>();
  readonly #told = new Map<string, number>();

  clear(): void {
    this.#kept = [];
    this.#before = { moment: NOBODY, peers: new Map() };
    this.#reporters.clear();
    this.#told.clear();
  }

  note(now: Seen): void {
    const before = this.#before;
    this.#before = now;
    const { at, seats } = now.moment;
    // Whom each serves by now is told, too: in a calm swarm minutes may pass without a decision.
    const isEarlier = this.#reporters.size === 0;
    for (const [key, told] of this.#told) if (at - told >= SAME_MS) this.#told.delete(key);
    let left = MAX_AT_ONCE;
    for (const { key, ...decision } of between(before, now, this.#reporters)) {
      if (left === 0) break;
      if (this.#told.has(key)) continue;
      this.#told.set(key, at);
      this.#kept.push({ at, ...decision, isEarlier });
      left--;
    }
    if (this.#reporters.size > MAX_REPORTERS) this.#reporters.clear();
    for (const { peer_id: id } of seats) this.#reporters.add(id);
    this.#kept = this.#kept.slice(-MAX_KEPT);
  }

  /** The last ones up to a time, the newest first. */
  last(many: number, at: number): readonly Decision[] {
    const end = this.#kept.findLastIndex((decision) => decision.at <= at) + 1;
    return this.#kept.slice(Math.max(0, end - many), end).reverse();
  }
}

/** Why there is nothing to tell of a moment: what the line says where the first decision would be. */
export function whyNone({ seats, members }: BoardMoment): string {
  if (seats.length + members.length === 0) return "nobody is in this swarm";
  if (seats.length === 0) return "no peer here reports what it does (--report)";
  return "no peer serves another";
}

type Change = Omit<Decision, "at" | "isEarlier"> & { readonly key: string };

function* between(
  before: Seen,
  now: Seen,
  reporters: ReadonlySet<string>,
): Generator<Change> {
  // Before the tracker was asked who is here, nobody is known to be new.
  const isWhole = before.moment.members.length > 0;
  yield* ofPeers(before.peers, now.peers, isWhole);
  const seats = new Map(before.moment.seats.map((seat) => [seat.peer_id, seat]));
  for (const seat of now.moment.seats) {
    const earlier = seats.get(seat.peer_id);
    if (earlier === undefined && reporters.has(seat.peer_id)) continue;
    const links = new Map(earlier?.links.map((link) => [link.to, link]));
    for (const link of seat.links) {
      const was = links.get(link.to);
      if (was === undefined && links.size >= FULL_REPORT) continue;
      const kind = kindOf(was, link);
      if (kind === undefined) continue;
      const giver = isolated(seat.name);
      const taker = isolated(now.peers.get(link.to)?.name ?? link.name);
      yield {
        key: `${kind} ${seat.peer_id} ${link.to}`,
        kind,
        text: kind === "chokes" ? `${giver} chokes ${taker}` : `${giver} unchokes ${taker}`,
        why: whyInWords(link.reason, giver),
      };
    }
  }
}

function* ofPeers(
  before: ReadonlyMap<string, BoardPeer>,
  now: ReadonlyMap<string, BoardPeer>,
  isWhole: boolean,
): Generator<Change> {
  for (const { id, name, progress, reports } of now.values()) {
    const was = before.get(id);
    const key = ` ${id}`;
    const who = isolated(name);
    if (was === undefined) {
      if (isWhole) yield { key: `came${key}`, kind: "came", text: `${who} joins`, why: "" };
    } else if (was.progress < 1 && progress >= 1) {
      const text = `${who} has everything`;
      yield { key: `complete${key}`, kind: "complete", text, why: "it is a seeder now" };
    } else if (reports && was.reports && was.progress === 0 && progress > 0) {
      const text = `${who} has its first pieces`;
      yield { key: `begun${key}`, kind: "begun", text, why: "it can give them to others" };
    }
  }
  for (const { id, name } of before.values()) {
    if (now.has(id)) continue;
    yield { key: `left ${id}`, kind: "left", text: `${isolated(name)} leaves`, why: "" };
  }
}

/**
 * What was decided of a connection, by its reasons: flags are those of the last second, in which
 * both may have held; undefined for nothing that matters to the other side. */
function kindOf(was: BoardLink | undefined, is: BoardLink): Change["kind"] | undefined {
  const before = was?.reason ?? "";
  const wasServed = isForUnchoke(before);
  if (!isForUnchoke(is.reason)) {
    return wasServed && is.reason !== NOT_INTERESTED ? "chokes" : undefined;
  }
  const isOptimistic = is.reason.startsWith(OPTIMISTIC);
  if (isOptimistic) return before.startsWith(OPTIMISTIC) ? undefined : "optimistic";
  return wasServed ? undefined : "serves";
}
