/**
 * Watches one connection for broken rules. A peer can only keep to what has reached it, so the watch is
 * told both when something is said and when the other end hears it. Pure.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { parseExtensionHandshake } from "../../protocol/extension_message.ts";
import type { Handshake } from "../../protocol/handshake.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { messageWords } from "./said_words.ts";
import type { Said, SaidMessage } from "./message_stream.ts";
import type { RuleName } from "./wire_rules.ts";

/** The end that has called, and the end that was called. */
export type Side = "caller" | "called";

/** The other end. */
export function otherSide(side: Side): Side {
  return side === "caller" ? "called" : "caller";
}

/** What is known of one end from elsewhere. */
export interface SideFacts {
  /** ms for which it may not know what it was told */
  readonly slack: number;
  /** The peer ID that it told its tracker; undefined: none so far. */
  readonly peerId: () => Uint8Array | undefined;
  /** Whether it can have a piece that it claims. Called once for each claim. */
  readonly claims: (piece: number) => boolean;
}

/** What a watch needs to know. */
export interface WatchSetup {
  readonly infoHash: Uint8Array;
  /** bytes */
  readonly size: number;
  readonly pieceLength: number;
  readonly isPrivate: boolean;
  readonly sides: Readonly<Record<Side, SideFacts>>;
  /** A rule was broken by one end; `detail`: what it said, in words and bytes. */
  readonly onBreak: (side: Side, rule: RuleName, detail: string, t: number) => void;
}

/** Requests that wait at a peer which does not say how many it takes. */
const USUAL_QUEUE = 250;
/** ms in which what lay in a queue may still be sent after a choke. */
const QUEUE_TIME = 1000;
/** Most requests of a peer that are kept in mind. */
const MAX_REQUESTS = 10_000;

interface Request {
  readonly length: number;
  isAnswered: boolean;
}

/** What one end has said, and what it has heard. */
interface End {
  handshake: Handshake | undefined;
  /** It has said something beside extension messages. */
  hasBegun: boolean;
  isChoking: boolean;
  choseChokeAt: number;
  isInterested: boolean;
  readonly claimed: Bitfield;
  /** Pieces that the other end may request while it is choked. */
  readonly allowed: Set<number>;
  /** Extension IDs that it wants to be told under → their names. */
  extensions: Map<number, string> | undefined;
  queue: number;
  /** Its requests that wait; by piece, begin and length. */
  readonly requests: Map<string, Request>;
  /** Whether it has heard that it is choked, and when (ms). */
  isChoked: boolean;
  chokedSince: number;
}

/** See the module. */
export class RuleWatch {
  readonly #setup: WatchSetup;
  readonly #pieces: number;
  readonly #ends: Readonly<Record<Side, End>>;

  constructor(setup: WatchSetup) {
    this.#setup = setup;
    this.#pieces = Math.ceil(setup.size / setup.pieceLength);
    this.#ends = { caller: newEnd(this.#pieces), called: newEnd(this.#pieces) };
  }

  /** `side` says something at `t` (ms). */
  said(side: Side, said: Said, t: number): void {
    const end = this.#ends[side];
    const other = this.#ends[otherSide(side)];
    const broke = (rule: RuleName, why = "") => {
      const detail = `${messageWords(said)}${why === "" ? "" : `: ${why}`}`;
      this.#setup.onBreak(side, rule, detail, t);
    };
    if (said.what === "opaque") {
      if (said.kind === "unreadable") broke("message form", said.why);
      return;
    }
    if (said.what === "handshake") {
      end.handshake = said.handshake;
      if (!isEqual(said.handshake.infoHash, this.#setup.infoHash)) broke("info hash");
      const told = this.#setup.sides[side].peerId();
      if (told !== undefined && !isEqual(told, said.handshake.peerId)) broke("peer id");
      return;
    }
    const { message } = said;
    if (message.type === "keep-alive") return;
    const isFast = end.handshake!.fast && (other.handshake?.fast ?? true);
    if (!end.hasBegun && message.type !== "extended") {
      if (isFast && other.handshake !== undefined && !OPENINGS.has(message.type)) {
        broke("fast first");
      }
    }
    this.#judge(message, { side, end, other, isFast, broke, t });
    if (message.type !== "extended") end.hasBegun = true;
  }

  /** `side` hears at `t` (ms) what the other end has said before. */
  heard(side: Side, said: Said, t: number): void {
    if (said.what !== "message") return;
    const end = this.#ends[side];
    const other = this.#ends[otherSide(side)];
    const { message } = said;
    switch (message.type) {
      case "choke":
        end.isChoked = true;
        end.chokedSince = t;
        // BEP 3: a choke drops what was requested; BEP 6: each request is answered or rejected.
        if (!this.#bothFast(end, other)) end.requests.clear();
        break;
      case "unchoke":
        end.isChoked = false;
        if (!this.#bothFast(end, other)) {
          for (const [key, { isAnswered }] of end.requests) {
            if (!isAnswered) end.requests.delete(key);
          }
        }
        break;
      case "piece":
      case "reject":
        end.requests.delete(keyOf(message));
        break;
      default:
    }
  }

  #bothFast(one: End, two: End): boolean {
    return (one.handshake?.fast ?? false) && (two.handshake?.fast ?? false);
  }

  #judge(message: SaidMessage, { side, end, other, isFast, broke, t }: Judged): void {
    switch (message.type) {
      case "choke":
      case "unchoke": {
        const isChoke = message.type === "choke";
        if (end.isChoking === isChoke) broke("state again");
        end.isChoking = isChoke;
        if (isChoke) end.choseChokeAt = t;
        break;
      }
      case "interested":
      case "not-interested": {
        const isInterested = message.type === "interested";
        if (end.isInterested === isInterested) broke("state again");
        end.isInterested = isInterested;
        break;
      }
      case "have":
        if (message.piece >= this.#pieces) return broke("have range");
        if (end.claimed.has(message.piece)) broke("have again");
        end.claimed.add(message.piece);
        if (!this.#setup.sides[side].claims(message.piece)) broke("have true");
        break;
      case "bitfield":
        this.#judgeBitfield(message.bytes, side, end, broke);
        break;
      case "have-all":
      case "have-none":
        if (!isFast) return broke("fast bit");
        if (end.hasBegun) broke("bitfield first");
        if (message.type === "have-all") {
          this.#claimAll(side, end, Bitfield.full(this.#pieces), broke);
        }
        break;
      case "suggest":
      case "allowed-fast":
        if (!isFast) return broke("fast bit");
        if (message.type === "allowed-fast" && end.allowed.size < MAX_REQUESTS) {
          end.allowed.add(message.piece);
        }
        break;
      case "request":
        this.#judgeRequest(message, { side, end, other, isFast, broke, t });
        break;
      case "piece":
        this.#judgeBlock(message, { side, end, other, isFast, broke, t });
        break;
      case "cancel":
        if (!end.requests.has(keyOf(message))) broke("cancel unrequested");
        break;
      case "reject": {
        if (!isFast) return broke("fast bit");
        const request = other.requests.get(keyOf(message));
        if (request === undefined || request.isAnswered) broke("reject unrequested");
        else request.isAnswered = true;
        break;
      }
      case "port":
        if (other.handshake?.dht !== true) broke("port bit");
        break;
      case "extended":
        this.#judgeExtended(message.id, message.payload, end, other, broke);
        break;
      case "unknown":
        broke("unknown message");
        break;
      default:
    }
  }

  #judgeBitfield(bytes: Uint8Array, side: Side, end: End, broke: Broke): void {
    if (end.hasBegun) broke("bitfield first");
    let field: Bitfield;
    try {
      field = Bitfield.parse(bytes, this.#pieces);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return broke("bitfield length", error.message);
    }
    this.#claimAll(side, end, field, broke);
  }

  #claimAll(side: Side, end: End, field: Bitfield, broke: Broke): void {
    let lacks: number | undefined;
    for (let piece = 0; piece < this.#pieces; piece++) {
      if (!field.has(piece) || end.claimed.has(piece)) continue;
      end.claimed.add(piece);
      if (!this.#setup.sides[side].claims(piece)) lacks ??= piece;
    }
    if (lacks !== undefined) broke("bitfield true", `it has not got piece ${lacks}`);
  }

  #judgeRequest(
    message: Extract<SaidMessage, { type: "request" | "cancel" | "reject" }>,
    { side, end, other, isFast, broke, t }: Judged,
  ): void {
    const { piece, begin, length } = message;
    if (length === 0 || length > BLOCK_LENGTH) broke("request length");
    if (piece >= this.#pieces || begin + length > this.#lengthOf(piece)) {
      return broke("request range");
    }
    const isAllowed = isFast && other.allowed.has(piece);
    if (end.isChoked && !isAllowed && t - end.chokedSince > this.#setup.sides[side].slack) {
      broke("request choked");
    }
    if (!end.isInterested) broke("request uninterested");
    if (!other.claimed.has(piece)) broke("request lacking");
    if (end.claimed.has(piece)) broke("request own");
    const key = keyOf(message);
    if (end.requests.has(key)) broke("request again");
    if (end.requests.size < MAX_REQUESTS) {
      end.requests.set(key, { length, isAnswered: false });
      if (end.requests.size === other.queue + 1) {
        broke("request queue", `${other.queue} wait already`);
      }
    }
  }

  #judgeBlock(
    message: Extract<SaidMessage, { type: "piece" }>,
    { side, end, other, isFast, broke, t }: Judged,
  ): void {
    const { piece, begin, length } = message;
    const request = other.requests.get(keyOf(message));
    if (request !== undefined && !request.isAnswered) request.isAnswered = true;
    else if (other.requests.size < MAX_REQUESTS) {
      const near = [...other.requests].find(([key, { isAnswered }]) =>
        !isAnswered && key.startsWith(`${piece} ${begin} `)
      );
      if (near !== undefined) {
        near[1].isAnswered = true;
        broke("block length", `${near[1].length} bytes were requested`);
      } else if (!this.#wasDropped(end, t, side)) broke("block unrequested");
    }
    const isLate = t - end.choseChokeAt > QUEUE_TIME;
    if (end.isChoking && !isFast && !end.allowed.has(piece) && isLate) broke("block choked");
    if (piece >= this.#pieces || !end.claimed.has(piece)) broke("block lacking");
    else if (!message.isRight && begin + length <= this.#lengthOf(piece)) broke("block true");
  }

  /** Whether a block may be the answer to a request that a choke of the sender's has dropped. */
  #wasDropped(end: End, t: number, side: Side): boolean {
    return end.isChoking && t - end.choseChokeAt <= QUEUE_TIME + this.#setup.sides[side].slack;
  }

  #judgeExtended(id: number, payload: Uint8Array, end: End, other: End, broke: Broke): void {
    if (other.handshake?.extended !== true) return broke("extension bit");
    if (id === 0) {
      try {
        const hello = parseExtensionHandshake(payload);
        end.extensions ??= new Map();
        for (const [name, number] of Object.entries(hello.messages)) {
          if (number !== 0) end.extensions.set(number, name);
        }
        if (hello.reqq !== undefined && hello.reqq > 0) end.queue = hello.reqq;
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        broke("extension handshake", error.message);
      }
      return;
    }
    const name = other.extensions?.get(id);
    if (name === undefined) broke("extension id");
    else if (name === "ut_pex" && this.#setup.isPrivate) broke("private exchange");
  }

  #lengthOf(piece: number): number {
    const { size, pieceLength } = this.#setup;
    return Math.min(pieceLength, size - piece * pieceLength);
  }
}

type Broke = (rule: RuleName, why?: string) => void;

interface Judged {
  readonly side: Side;
  readonly end: End;
  readonly other: End;
  readonly isFast: boolean;
  readonly broke: Broke;
  readonly t: number;
}

const OPENINGS = new Set<SaidMessage["type"]>(["bitfield", "have-all", "have-none"]);

function newEnd(pieces: number): End {
  return {
    handshake: undefined,
    hasBegun: false,
    isChoking: true,
    choseChokeAt: -Infinity,
    isInterested: false,
    claimed: new Bitfield(pieces),
    allowed: new Set(),
    extensions: undefined,
    queue: USUAL_QUEUE,
    requests: new Map(),
    isChoked: true,
    chokedSince: -Infinity,
  };
}

function keyOf(block: { piece: number; begin: number; length: number }): string {
  return `${block.piece} ${block.begin} ${block.length}`;
}

function isEqual(one: Uint8Array, two: Uint8Array): boolean {
  return one.length === two.length && one.every((byte, index) => byte === two[index]);
}
