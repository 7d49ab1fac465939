/**
 * Explain: makes sentences of every message of every connection and of every choice.
 *
 * @module
 */
import { isHandshakePrefix, type Message, MessageReader } from "../../protocol/mod.ts";
import type {
  EngineEvent,
  PieceChoice,
  RuleDecision,
  Tap,
  TapLink,
  TrackerTalk,
} from "../../peer/mod.ts";
import { formatHostPort } from "../../protocol/mod.ts";
import type { BarLook } from "../view/piece_bar.ts";
import { announceWords, choiceWords, eventWords, replyWords } from "./decision_words.ts";
import { ExtensionNames } from "./extension_names.ts";
import { ruleWords } from "./rule_words.ts";
import {
  type Direction,
  handshakeWords,
  messageWords,
  OUR_VOICE,
  type ToldMessage,
} from "./message_words.ts";

/** One thing that was said or decided. */
export interface Explained {
  /** ms since the epoch. */
  readonly time: number;
  readonly kind: "message" | "connection" | "decision" | "tracker";
  /** For messages and trackers. */
  readonly direction?: Direction;
  /** The peer's name or client; the tracker's address; undefined where it concerns nobody. */
  readonly who: string | undefined;
  readonly address?: string;
  readonly text: string;
  /** The same as facts; messages have their name under `message`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

const HANDSHAKE_LENGTH = 68;

/** What is known of a connection. */
interface Known {
  peer: { readonly label: string; readonly address: string } | undefined;
  pieceCount: number;
  /** What each side called its extensions: the other side's messages carry these IDs. */
  readonly extensions: Readonly<Record<Direction, ExtensionNames>>;
}

/** A tap that explains. */
export class Explainer implements Tap {
  readonly #emit: (line: Explained) => void;
  readonly #now: () => number;
  readonly #look: BarLook;
  readonly #links = new Map<TapLink, Known>();
  readonly #reader = new MessageReader({ initial: 1 << 15 });

  constructor(options: {
    emit: (line: Explained) => void;
    /** ms since the epoch. */
    now: () => number;
    look: BarLook;
  }) {
    this.#emit = options.emit;
    this.#now = options.now;
    this.#look = options.look;
  }

  wire(link: TapLink, direction: Direction, bytes: Uint8Array): void {
    const known = this.#known(link);
    for (let at = 0; at < bytes.length;) {
      if (bytes[at] === 0x13 && isHandshakePrefix(bytes.subarray(at, at + 20))) {
        const { message, text, facts } = handshakeWords(bytes.subarray(at, at + HANDSHAKE_LENGTH));
        this.#tell(link, known, direction, message, text, facts);
        at += HANDSHAKE_LENGTH;
        continue;
      }
      const space = this.#reader.space();
      const part = bytes.subarray(at, at + space.length);
      space.set(part);
      this.#reader.commit(part.length);
      at += part.length;
      for (let message; (message = this.#reader.next()) !== undefined;) {
        this.#message(link, known, direction, message);
      }
    }
  }

  link(link: TapLink, state: Parameters<Tap["link"]>[1]): void {
    // Whom we call gets our handshake: nothing at all was said by somebody who called.
    const isProbe = "ended" in state && !this.#links.has(link);
    const known = this.#known(link);
    if ("ended" in state) {
      this.#links.delete(link);
      if (isProbe) {
        const text =
          "a call without a word: trackers try like this whether this port can be reached";
        this.#line(link, known, "connection", text, { reason: state.ended });
        return;
      }
      this.#line(link, known, "connection", `connection ends: ${state.ended}`, {
        reason: state.ended,
      });
      return;
    }
    if (known.peer !== undefined) return;
    known.peer = state.peer;
    known.pieceCount = state.pieceCount;
  }

  chose(choice: PieceChoice): void {
    const { peer, piece, why, copies, peers } = choice;
    this.#emit({
      time: this.#now(),
      kind: "decision",
      who: peer.label,
      address: peer.address,
      text: choiceWords(choice),
      facts: { info_hash: choice.infoHash.toHex(), piece, why, copies, peers },
    });
  }

  ruled(infoHash: Uint8Array, decision: RuleDecision): void {
    const { rule, ...facts } = decision;
    const peer = "peer" in decision ? decision.peer : undefined;
    const named = Object.entries(facts).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      typeof value === "object" ? value.label : value,
    ]);
    this.#emit({
      time: this.#now(),
      kind: "decision",
      who: peer?.label,
      ...(peer === undefined ? {} : { address: peer.address }),
      text: ruleWords(decision),
      facts: { decision: rule, info_hash: infoHash.toHex(), ...Object.fromEntries(named) },
    });
  }

  tracker(talk: TrackerTalk): void {
    const { url, request, reply } = talk;
    const said = (direction: Direction, text: string, facts: Explained["facts"]): void =>
      this.#emit({ time: this.#now(), kind: "tracker", direction, who: "tracker", text, facts });
    const { event, port, uploaded, downloaded, left, numwant } = request;
    const about = { tracker: url, "info_hash": request.infoHash.toHex() };
    said("sent", announceWords(talk), {
      ...about,
      announce: event,
      port,
      uploaded,
      downloaded,
      left,
      numwant,
    });
    said(
      "received",
      replyWords(talk),
      typeof reply === "string" ? { ...about, failure: reply } : {
        ...about,
        peers: reply.peers.map(({ host, port }) => formatHostPort(host, port)),
        seeders: reply.seeders,
        leechers: reply.leechers,
        interval: reply.interval,
      },
    );
  }

  /** Decisions that the engine tells as events. */
  event(event: EngineEvent): void {
    const text = eventWords(event);
    if (text === undefined) return;
    const { event: name, infoHash, ...facts } = event;
    this.#emit({
      time: this.#now(),
      kind: "decision",
      who: "peer" in event ? event.peer : undefined,
      ...("address" in event ? { address: event.address } : {}),
      text,
      facts: { decision: name, info_hash: infoHash, ...facts },
    });
  }

  #message(link: TapLink, known: Known, direction: Direction, message: Message): void {
    if (message.type === "extended" && message.id === 0) {
      known.extensions[direction].learn(message.payload);
    }
    // A message carries the ID that its receiver gave the extension.
    const extensions = known.extensions[direction === "sent" ? "received" : "sent"].byId;
    const { pieceCount } = known;
    const words = messageWords(
      withoutBlock(message),
      OUR_VOICE[direction],
      { pieceCount, extensions },
      this.#look,
    );
    this.#tell(link, known, direction, words.message, words.text, words.facts);
  }

  #tell(
    link: TapLink,
    known: Known,
    direction: Direction,
    message: string,
    text: string,
    facts: Explained["facts"],
  ): void {
    this.#line(link, known, "message", text, { message, ...facts }, direction);
  }

  #line(
    link: TapLink,
    { peer }: Known,
    kind: Explained["kind"],
    text: string,
    facts: Explained["facts"],
    direction?: Direction,
  ): void {
    const address = peer?.address ?? formatHostPort(link.remote.host, link.remote.port);
    const who = peer?.label ?? address;
    this.#emit({
      time: this.#now(),
      kind,
      ...(direction === undefined ? {} : { direction }),
      who,
      address,
      text,
      facts,
    });
  }

  #known(link: TapLink): Known {
    let known = this.#links.get(link);
    if (known === undefined) {
      const extensions = { sent: new ExtensionNames(), received: new ExtensionNames() };
      known = { peer: undefined, pieceCount: 0, extensions };
      this.#links.set(link, known);
    }
    return known;
  }
}

function withoutBlock(message: Message): ToldMessage {
  if (message.type !== "piece") return message;
  const { type, piece, begin, block } = message;
  return { type, piece, begin, length: block.length };
}
