/**
 * The witness: turns what passes through the wires into the events of a record, for every program alike.
 * Pure but for the clock that it is given.
 *
 * @module
 */
import type { RunEvent } from "../run/run_record.ts";
import { Holdings } from "../run/holdings.ts";
import { TrafficCount } from "../run/traffic.ts";
import { MessageStream, type Said, type SaidMessage } from "./message_stream.ts";
import { otherSide, RuleWatch, type Side } from "./rule_watch.ts";
import { bytesInHex, kindOf, saidIn } from "./said_words.ts";
import { type RuleName, WIRE_RULES } from "./wire_rules.ts";

/** Most broken rules that are told of one member. */
const MAX_BREAKS = 500;
/** Most messages that are kept word by word. */
const MAX_HEARD = 20_000;

/** What is seen of one member. */
interface Seen {
  readonly holdings: Holdings;
  /** ms for which it may not know what it was told */
  readonly slack: number;
  peerId: Uint8Array | undefined;
  /** It has spoken on a connection that cannot be read. */
  hasSecrets: boolean;
  isComplete: boolean;
  breaks: number;
}

/** One connection's two ends, the same object to its end. */
export type Talk = Readonly<Record<Side, string>>;

/** Is told every message of every connection, in the order in which they enter the wires. */
export interface WireListener {
  /** @param t ms since the start */
  said(talk: Talk, side: Side, said: Said, t: number): void;
  /** The connection has ended; `why` is no sentence. */
  ended(talk: Talk, why: string, t: number): void;
}

/** What a witness is told at the start. */
export interface WitnessSetup {
  readonly infoHash: Uint8Array;
  readonly content: Uint8Array;
  /** bytes */
  readonly pieceLength: number;
  readonly isPrivate: boolean;
  /** ms since the start */
  readonly now: () => number;
  readonly emit: (event: RunEvent) => void;
  /** Whether a member's own word is taken for whom it chokes and unchokes, with its reasons. */
  readonly tellsChokes: (who: string) => boolean;
  /** Whether the next block that `who` sends is to be damaged on its way. */
  readonly corrupts: (who: string) => boolean;
  /** Members whose words to each other are kept. */
  readonly listenedTo: readonly string[];
  readonly listener?: WireListener | undefined;
}

/** Sees everything that members say to each other. */
export class Witness {
  readonly setup: WitnessSetup;
  readonly pieces: number;
  /** What has reached its other end. */
  readonly traffic = new TrafficCount();
  readonly #members = new Map<string, Seen>();
  #heard = 0;

  constructor(setup: WitnessSetup) {
    this.setup = setup;
    this.pieces = Math.ceil(setup.content.length / setup.pieceLength);
  }

  /**
   * A member is there.
   *
   * @param has the pieces that it has from the start
   * @param slack ms for which it may not know what it was told
   */
  join(who: string, has: Iterable<number>, slack: number): void {
    const holdings = new Holdings(this.setup.content.length, this.setup.pieceLength);
    const seen = {
      ...{ holdings, slack, peerId: undefined, hasSecrets: false, isComplete: false, breaks: 0 },
    };
    this.#members.set(who, seen);
    for (const piece of has) {
      holdings.add(piece);
      this.#emit({ what: "piece", who, piece, isStart: true });
    }
    seen.isComplete = holdings.isComplete;
  }

  /** A member's own word for its peer ID: the tracker's. */
  announced(who: string, peerId: Uint8Array, left: number): void {
    const seen = this.#seen(who);
    seen.peerId = peerId.slice();
    // What came encrypted cannot be counted here: its own word has to do.
    if (left === 0 && seen.hasSecrets) this.#claimAll(who);
  }

  isComplete(who: string): boolean {
    return this.#members.get(who)?.isComplete ?? false;
  }

  /** A connection between two members. */
  connection(caller: string, called: string): ConnectionWitness {
    return new ConnectionWitness(this, { caller, called });
  }

  /** Where the content is looked up. */
  isRight(piece: number, begin: number, block: Uint8Array): boolean {
    const { content, pieceLength } = this.setup;
    const from = piece * pieceLength + begin;
    const expected = content.subarray(from, from + block.length);
    return begin + block.length <= pieceLength && equal(expected, block);
  }

  /** A block has reached `to`. */
  delivered(from: string, to: string, block: Extract<SaidMessage, { type: "piece" }>): void {
    const { piece, begin, length, isRight } = block;
    const { holdings } = this.#seen(to);
    if (piece >= this.pieces || begin + length > holdings.lengthOf(piece)) return;
    const { isDuplicate, completes, failedFrom } = holdings.deliver(
      ...[piece, begin, length, isRight, from] as const,
    );
    this.#emit({
      ...{ what: "block", from, to, piece, begin, length },
      ...(isDuplicate ? { isDuplicate } : {}),
    });
    if (failedFrom !== undefined) {
      this.#emit({ what: "failed", who: to, piece, from: failedFrom });
    }
    if (completes) this.#gained(to, piece);
  }

  /** `who` says that it has a piece; whether that can be so. */
  claims(who: string, piece: number): boolean {
    const seen = this.#seen(who);
    const found = seen.holdings.announce(piece);
    if (found === "unproven" && seen.hasSecrets) {
      seen.holdings.add(piece);
      this.#gained(who, piece);
      return true;
    }
    if (found === "completes") this.#gained(who, piece);
    return found !== "unproven";
  }

  /** A message has reached `to`. */
  heard(from: string, to: string, said: Said, saidAt: number): void {
    if (said.what !== "opaque") {
      const isBlock = said.what === "message" && said.message.type === "piece";
      this.traffic.add(from, to, said.size, isBlock ? said.message.length : 0);
    }
    const { listenedTo } = this.setup;
    if (!listenedTo.includes(from) || !listenedTo.includes(to)) return;
    if (++this.#heard > MAX_HEARD) return;
    this.#emit({
      ...{ what: "heard", from, to, saidAt, kind: kindOf(said), words: saidIn(said) },
      ...{ head: bytesInHex(said), size: said.size },
    });
  }

  /** Messages that were to be kept word by word, and were too many. */
  get unkept(): number {
    return Math.max(0, this.#heard - MAX_HEARD);
  }

  facts(who: string): Seen {
    return this.#seen(who);
  }

  broke(who: string, whom: string, rule: RuleName, detail: string, t: number): void {
    const seen = this.#seen(who);
    if (++seen.breaks > MAX_BREAKS) return;
    const isRemark = "isRemark" in WIRE_RULES[rule] ? { isRemark: true as const } : {};
    this.setup.emit({ t, what: "broke rule", who, whom, rule, detail, ...isRemark });
  }

  #gained(who: string, piece: number): void {
    const seen = this.#seen(who);
    this.#emit({ what: "piece", who, piece });
    if (seen.isComplete || !seen.holdings.isComplete) return;
    seen.isComplete = true;
    this.#emit({ what: "completed", who });
  }

  #claimAll(who: string): void {
    for (let piece = 0; piece < this.pieces; piece++) this.claims(who, piece);
  }

  #seen(who: string): Seen {
    return this.#members.get(who)!;
  }

  #emit(event: EventBody): void {
    this.setup.emit({ t: this.setup.now(), ...event });
  }
}

/** An event without its time. */
export type EventBody = RunEvent extends infer Event
  ? Event extends RunEvent ? Omit<Event, "t"> : never
  : never;

/** One connection as the witness sees it. */
export class ConnectionWitness {
  readonly #witness: Witness;
  readonly #names: Talk;
  readonly #streams: Readonly<Record<Side, MessageStream>>;
  readonly #watch: RuleWatch;
  /** What was said and has not reached the other end, by who said it. */
  readonly #onTheWay: Readonly<Record<Side, { said: Said; at: number }[]>> = {
    caller: [],
    called: [],
  };
  /** Bytes that have reached the other end, by who said them. */
  readonly #heard: Record<Side, number> = { caller: 0, called: 0 };
  readonly #greeted = new Set<Side>();
  #isConnected = false;

  constructor(witness: Witness, names: Talk) {
    this.#witness = witness;
    this.#names = names;
    const { setup } = witness;
    const stream = () =>
      new MessageStream(
        witness.pieces,
        (piece, begin, block) => witness.isRight(piece, begin, block),
      );
    this.#streams = { caller: stream(), called: stream() };
    const facts = (who: string) => ({
      slack: witness.facts(who).slack,
      peerId: () => witness.facts(who).peerId,
      claims: (piece: number) => witness.claims(who, piece),
    });
    this.#watch = new RuleWatch({
      infoHash: setup.infoHash,
      size: setup.content.length,
      pieceLength: setup.pieceLength,
      isPrivate: setup.isPrivate,
      sides: { caller: facts(names.caller), called: facts(names.called) },
      onBreak: (side, rule, detail, t) =>
        witness.broke(names[side], names[otherSide(side)], rule, detail, t),
    });
  }

  /**
   * `side` has said `bytes`, in which blocks may be damaged before they go on.
   *
   * @returns `mse` where it turns out to encrypt
   */
  said(side: Side, bytes: Uint8Array): "mse" | undefined {
    const witness = this.#witness;
    const [who, whom] = [this.#names[side], this.#names[otherSide(side)]];
    const stream = this.#streams[side];
    const start = stream.came;
    const t = witness.setup.now();
    for (let said of stream.push(bytes)) {
      if (said.what === "opaque") {
        witness.setup.listener?.said(this.#names, side, said, t);
        witness.facts(who).hasSecrets = true;
        witness.facts(whom).hasSecrets = true;
        this.#watch.said(side, said, t);
        if (said.kind === "mse") return "mse";
        continue;
      }
      if (said.what === "message" && said.message.type === "piece" && said.message.isRight) {
        if (witness.setup.corrupts(who)) {
          bytes[said.end - 1 - start]! ^= 1;
          said = { ...said, message: { ...said.message, isRight: false } };
        }
      }
      witness.setup.listener?.said(this.#names, side, said, t);
      this.#watch.said(side, said, t);
      this.#onTheWay[side].push({ said, at: t });
      if (said.what === "message") this.#note(who, whom, said.message, t);
    }
    return undefined;
  }

  /** `count` more bytes of what `side` said have reached the other end. */
  heard(side: Side, count: number): void {
    this.#heard[side] += count;
    const onTheWay = this.#onTheWay[side];
    const [from, to] = [this.#names[side], this.#names[otherSide(side)]];
    let done = 0;
    for (const { said, at } of onTheWay) {
      if (said.end > this.#heard[side]) break;
      done++;
      this.#witness.heard(from, to, said, at);
      this.#watch.heard(otherSide(side), said, this.#witness.setup.now());
      if (said.what === "handshake") this.#greeted.add(side);
      else if (said.what === "message" && said.message.type === "piece") {
        this.#witness.delivered(from, to, said.message);
      }
    }
    onTheWay.splice(0, done);
    if (this.#isConnected || this.#greeted.size < 2) return;
    this.#isConnected = true;
    this.#emit({ what: "connected", who: this.#names.caller, whom: this.#names.called });
  }

  /** The connection has ended. */
  ended(why: string): void {
    const { listener, now } = this.#witness.setup;
    listener?.ended(this.#names, why, now());
    if (!this.#isConnected) return;
    this.#isConnected = false;
    const { caller: who, called: whom } = this.#names;
    this.#emit({ what: "disconnected", who, whom, why });
  }

  #note(who: string, whom: string, message: SaidMessage, t: number): void {
    switch (message.type) {
      case "choke":
      case "unchoke":
        if (this.#witness.setup.tellsChokes(who)) return;
        this.#witness.setup.emit({
          ...{ t, what: message.type === "choke" ? "choked" : "unchoked", who, whom },
        });
        break;
      case "interested":
      case "not-interested":
        this.#witness.setup.emit({
          ...{ t, what: message.type === "interested" ? "interested" : "uninterested", who, whom },
        });
        break;
      default:
    }
  }

  #emit(event: EventBody): void {
    this.#witness.setup.emit({ t: this.#witness.setup.now(), ...event });
  }
}

function equal(one: Uint8Array, two: Uint8Array): boolean {
  if (one.length !== two.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== two[i]) return false;
  return true;
}

/** All pieces from 0, or those of a share at the start, as both worlds choose them. */
export function firstPieces(pieces: number, share: number): number[] {
  return Array.from({ length: Math.round(pieces * share) }, (_, piece) => piece);
}
