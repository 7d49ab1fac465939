/**
 * Tally of a record: what measures and figures need of its events, counted in one pass.
 *
 * @module
 */
import type { Member, RunEvent, RunRecord } from "../run/run_record.ts";

/** A span of time, ms. */
export interface Span {
  readonly from: number;
  to: number;
}

/** One unchoking of a peer, from its start to its end. */
export interface Unchoking extends Span {
  readonly who: string;
  readonly whom: string;
  readonly why: string;
}

/** What one member did. */
export interface MemberTally {
  readonly member: Member;
  /** When it was there. */
  readonly presence: Span[];
  /** ms since the start; undefined: never */
  arrivedAt?: number;
  completedAt?: number;
  /** It went, or was killed, and has not come back. */
  isGone: boolean;
  /** bytes of payload */
  given: number;
  taken: number;
  /** bytes that came although they were there, or of pieces whose hash was wrong */
  wasted: number;
  /** bytes that it had received before it was killed, and received again */
  fetchedAgain: number;
  /** id → bytes that it took from that member */
  readonly takenFrom: Map<string, number>;
  /** second → ids of members that gave it something */
  readonly giversIn: Map<number, Set<string>>;
  /** id → the source from which it learnt of that member first */
  readonly foundFirst: Map<string, string>;
  /** ids of those that it has banned */
  readonly banned: Set<string>;
  /** Pieces that failed and that did not, by who had sent them. */
  readonly judged: { readonly from: ReadonlySet<string>; readonly isWrong: boolean }[];
  readonly announces: { readonly t: number; readonly isAnswered: boolean }[];
  rulesBroken: number;
}

/** Time that two leechers were connected and both incomplete, and of it that one wanted the other. */
export interface Together {
  connected: number;
  wanted: number;
}

/** All of it. */
export interface Tally {
  readonly record: RunRecord;
  readonly members: ReadonlyMap<string, MemberTally>;
  readonly unchokings: readonly Unchoking[];
  /** id → piece → bytes of it given, each block once */
  readonly givenPieces: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** `wanting member\nwanted member` → time */
  readonly together: ReadonlyMap<string, Together>;
}

const tallies = new WeakMap<RunRecord, Tally>();

/** Counts a record's events, once. */
export function tallyOf(record: RunRecord): Tally {
  let tally = tallies.get(record);
  if (tally === undefined) tallies.set(record, tally = new Counting(record).tally());
  return tally;
}

/** Whether a member lacks something when it arrives. */
export function isLeecher({ haveAtStart, lacks = [] }: Member): boolean {
  return haveAtStart < 1 || lacks.length > 0;
}

/** The length of a piece in bytes. */
export function pieceSize({ size, pieceLength, pieces }: RunRecord, piece: number): number {
  return piece === pieces - 1 ? size - (pieces - 1) * pieceLength : pieceLength;
}

class Counting {
  readonly #record: RunRecord;
  readonly #members: Map<string, MemberTally>;
  readonly #unchokings: Unchoking[] = [];
  readonly #open = new Map<string, Unchoking>();
  readonly #givenBlocks = new Map<string, Set<number>>();
  readonly #givenPieces = new Map<string, Map<number, number>>();
  /** `to\npiece` → who sent blocks of it, and how many bytes came */
  readonly #underWay = new Map<string, { from: Set<string>; bytes: number }>();
  /** Of those that were killed: what they had received until then. */
  readonly #before = new Map<string, Set<number>>();
  readonly #received = new Map<string, Set<number>>();
  readonly #neighbours = new Map<string, Set<string>>();
  readonly #connected = new Map<string, number>();
  readonly #wanted = new Map<string, number>();
  readonly #together = new Map<string, Together>();

  constructor(record: RunRecord) {
    this.#record = record;
    this.#members = new Map(record.members.map((member) => [member.id, {
      member,
      presence: [],
      isGone: false,
      ...{ given: 0, taken: 0, wasted: 0, fetchedAgain: 0, rulesBroken: 0 },
      takenFrom: new Map(),
      giversIn: new Map(),
      foundFirst: new Map(),
      banned: new Set(),
      judged: [],
      announces: [],
    }]));
  }

  tally(): Tally {
    const killed = new Set(
      this.#record.events.flatMap((event) => event.what === "killed" ? [event.who] : []),
    );
    for (const id of killed) this.#received.set(id, new Set());
    for (const event of this.#record.events) {
      const { t } = event;
      switch (event.what) {
        case "arrived":
          this.#arrive(event.who, t);
          break;
        case "left":
        case "killed":
          this.#leave(event.who, t, event.what === "killed");
          break;
        case "completed":
          this.#complete(event.who, t);
          break;
        case "connected":
          this.#connect(event.who, event.whom, t);
          break;
        case "disconnected":
          this.#part(event.who, event.whom, t);
          break;
        case "unchoked":
          this.#unchoke(event.who, event.whom, event.why ?? "regular", t);
          break;
        case "choked":
          this.#choke(event.who, event.whom, t);
          break;
        case "interested":
        case "uninterested":
          this.#want(event.who, event.whom, event.what === "interested", t);
          break;
        case "block":
          this.#block(event);
          break;
        case "piece":
          if (!event.isStart) this.#judge(event.who, event.piece, undefined);
          break;
        case "failed":
          this.#judge(event.who, event.piece, event.from);
          break;
        case "banned":
          this.#members.get(event.who)?.banned.add(event.whom);
          break;
        case "found":
          this.#find(event.who, event.whom, event.by);
          break;
        case "announced":
          this.#members.get(event.who)?.announces.push({ t, isAnswered: event.isAnswered });
          break;
        case "broke rule": {
          if (event.isRemark) break;
          const breaker = this.#members.get(event.who);
          if (breaker !== undefined) breaker.rulesBroken++;
          break;
        }
      }
    }
    this.#end();
    return {
      record: this.#record,
      members: this.#members,
      unchokings: this.#unchokings,
      givenPieces: this.#givenPieces,
      together: this.#together,
    };
  }

  #find(who: string, whom: string, by: string): void {
    const found = this.#members.get(who)?.foundFirst;
    if (who !== whom && this.#members.has(whom) && !found?.has(whom)) found?.set(whom, by);
  }

  #arrive(id: string, t: number): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    member.arrivedAt ??= t;
    member.isGone = false;
    member.presence.push({ from: t, to: Infinity });
  }

  #leave(id: string, t: number, isKilled: boolean): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    member.isGone = true;
    const last = member.presence.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, t);
    for (const other of [...this.#neighboursOf(id)]) this.#part(id, other, t);
    if (isKilled) this.#before.set(id, new Set(this.#received.get(id)));
  }

  #complete(id: string, t: number): void {
    const member = this.#members.get(id);
    if (member === undefined || member.completedAt !== undefined) return;
    member.completedAt = t;
    // From here on it wants nothing, and what others want of it is no longer among leechers.
    for (const other of this.#neighboursOf(id)) {
      this.#countTogether(id, other, t);
      this.#countTogether(other, id, t);
    }
  }

  #neighboursOf(id: string): Set<string> {
    let all = this.#neighbours.get(id);
    if (all === undefined) this.#neighbours.set(id, all = new Set());
    return all;
  }

  #connect(who: string, whom: string, t: number): void {
    this.#neighboursOf(who).add(whom);
    this.#neighboursOf(whom).add(who);
    for (const key of [`${who}\n${whom}`, `${whom}\n${who}`]) {
      if (!this.#connected.has(key)) this.#connected.set(key, t);
    }
  }

  #part(who: string, whom: string, t: number): void {
    this.#neighboursOf(who).delete(whom);
    this.#neighboursOf(whom).delete(who);
    for (const [a, b] of [[who, whom], [whom, who]] as const) {
      const key = `${a}\n${b}`;
      this.#countTogether(a, b, t);
      this.#connected.delete(key);
      this.#wanted.delete(key);
      this.#choke(a, b, t);
    }
  }

  /** Adds the time of a pair up to now, where both were incomplete leechers. */
  #countTogether(who: string, whom: string, t: number): void {
    const key = `${who}\n${whom}`;
    const from = this.#connected.get(key);
    const [a, b] = [this.#members.get(who), this.#members.get(whom)];
    if (from === undefined || a === undefined || b === undefined) return;
    if (!isLeecher(a.member) || !isLeecher(b.member)) return;
    const end = Math.min(t, a.completedAt ?? Infinity, b.completedAt ?? Infinity);
    if (end <= from) return;
    let time = this.#together.get(key);
    if (time === undefined) this.#together.set(key, time = { connected: 0, wanted: 0 });
    time.connected += end - from;
    const wantedFrom = this.#wanted.get(key);
    if (wantedFrom !== undefined) {
      time.wanted += Math.max(0, end - Math.max(from, wantedFrom));
      this.#wanted.set(key, t);
    }
    this.#connected.set(key, t);
  }

  #want(who: string, whom: string, wants: boolean, t: number): void {
    const key = `${who}\n${whom}`;
    this.#countTogether(who, whom, t);
    if (wants) this.#wanted.set(key, t);
    else this.#wanted.delete(key);
  }

  #unchoke(who: string, whom: string, why: string, t: number): void {
    this.#choke(who, whom, t);
    this.#neighboursOf(who).add(whom);
    this.#neighboursOf(whom).add(who);
    this.#open.set(`${who}\n${whom}`, { who, whom, why, from: t, to: Infinity });
  }

  #choke(who: string, whom: string, t: number): void {
    const key = `${who}\n${whom}`;
    const open = this.#open.get(key);
    if (open === undefined) return;
    open.to = t;
    this.#open.delete(key);
    this.#unchokings.push(open);
  }

  #block(
    { t, from, to, piece, begin, length, isDuplicate }: Extract<RunEvent, { what: "block" }>,
  ): void {
    const giver = this.#members.get(from);
    const taker = this.#members.get(to);
    if (giver === undefined || taker === undefined) return;
    giver.given += length;
    taker.taken += length;
    taker.takenFrom.set(from, (taker.takenFrom.get(from) ?? 0) + length);
    const second = Math.floor(t / 1000);
    const givers = taker.giversIn.get(second);
    if (givers === undefined) taker.giversIn.set(second, new Set([from]));
    else givers.add(from);
    const block = piece * 2048 + begin / 16_384;
    let blocks = this.#givenBlocks.get(from);
    if (blocks === undefined) this.#givenBlocks.set(from, blocks = new Set());
    if (!blocks.has(block)) {
      blocks.add(block);
      let pieces = this.#givenPieces.get(from);
      if (pieces === undefined) this.#givenPieces.set(from, pieces = new Map());
      pieces.set(piece, (pieces.get(piece) ?? 0) + length);
    }
    if (isDuplicate) taker.wasted += length;
    else {
      const key = `${to}\n${piece}`;
      const underWay = this.#underWay.get(key);
      if (underWay === undefined) this.#underWay.set(key, { from: new Set([from]), bytes: length });
      else {
        underWay.from.add(from);
        underWay.bytes += length;
      }
    }
    const received = this.#received.get(to);
    if (received === undefined) return;
    if (this.#before.get(to)?.has(block)) taker.fetchedAgain += length;
    received.add(block);
  }

  /** A piece's hash was right, or wrong: then `from` are those that had sent it. */
  #judge(who: string, piece: number, from: readonly string[] | undefined): void {
    const member = this.#members.get(who);
    const key = `${who}\n${piece}`;
    const underWay = this.#underWay.get(key);
    this.#underWay.delete(key);
    if (member === undefined) return;
    const senders = from === undefined ? underWay?.from : new Set(from);
    const isWrong = from !== undefined;
    if (isWrong) member.wasted += underWay?.bytes ?? 0;
    if (senders !== undefined) member.judged.push({ from: senders, isWrong });
  }

  #end(): void {
    const { endedAt } = this.#record;
    for (const key of [...this.#connected.keys()]) {
      const [who, whom] = key.split("\n") as [string, string];
      this.#countTogether(who, whom, endedAt);
    }
    for (const { who, whom } of [...this.#open.values()]) this.#choke(who, whom, endedAt);
    for (const { presence } of this.#members.values()) {
      const last = presence.at(-1);
      if (last !== undefined) last.to = Math.min(last.to, endedAt);
    }
  }
}
