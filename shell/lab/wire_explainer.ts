/**
 * What the members of a real run say to each other, a sentence a message, of whatever make they are: the
 * words of `vtorrent peer --explain`, told by a third party.
 *
 * @module
 */
import type { Said, Side, Talk, WireListener } from "../../lab/real/real_options.ts";
import type { RunEvent } from "../../lab/run/run_record.ts";
import { formatBytes, formatCount, pad, shorten, visible } from "../base/format.ts";
import { ExtensionNames } from "../explain/extension_names.ts";
import { handshakeWords, messageWords, namingVoice } from "../explain/message_words.ts";

/** Most bytes of sentences: some 100,000 blocks with their requests, and no editor refuses it. */
const MOST_BYTES = 16 * 2 ** 20;
/** Most columns of a member's name, and characters of a line's sentence. */
const NAME_WIDTH = 16;
const MOST_CHARACTERS = 500;

/** What is known of a connection. */
type Known = Readonly<Record<Side, ExtensionNames>>;

/** What the text is about, and where it goes. */
export interface WireExplainerSetup {
  readonly scenario: string;
  readonly variant: string;
  readonly seed: number;
  readonly members: readonly string[];
  /** pieces of the torrent */
  readonly pieceCount: number;
  /** Name of the capture beside it. */
  readonly capture: string;
  /** Takes the text as it grows. */
  readonly write: (bytes: Uint8Array) => void;
  /** bytes of sentences after which it is cut off */
  readonly most?: number;
}

/** Writes a line for each message that enters a wire. */
export class WireExplainer implements WireListener {
  readonly #setup: WireExplainerSetup;
  readonly #most: number;
  readonly #width: number;
  readonly #talks = new Map<Talk, Known>();
  readonly #encoder = new TextEncoder();
  #written = 0;
  /** Lines that no longer were written. */
  #leftOut = 0;

  constructor(setup: WireExplainerSetup) {
    this.#setup = setup;
    this.#most = setup.most ?? MOST_BYTES;
    this.#width = Math.min(NAME_WIDTH, Math.max(...setup.members.map((id) => id.length)));
    const { scenario, variant, seed, capture } = setup;
    const which = variant === "" ? `seed ${seed}` : `${variant}, seed ${seed}`;
    this.#write(
      visible(
        `${scenario} (${which}): what the members say to each other, as it enters the wires.`,
      ),
    );
    this.#write(
      "Each line: seconds since the start, from → to, the message. Lines with • say what happens to a",
    );
    this.#write(
      visible(`connection, and which rule was broken. ${capture} is the same for Wireshark.`),
    );
    this.#write("");
  }

  said(talk: Talk, side: Side, said: Said, t: number): void {
    if (this.#isFull()) return;
    const from = talk[side];
    const to = talk[otherSide(side)];
    this.#line(t, from, "→", to, this.#words(talk, side, said));
  }

  ended(talk: Talk, why: string, t: number): void {
    // Nothing was said: a call that was not answered.
    if (!this.#talks.delete(talk) || this.#isFull()) return;
    this.#line(t, talk.caller, "•", talk.called, `connection ends: ${why}`);
  }

  /** What else happens in the run, of which broken rules are told. */
  event(event: RunEvent): void {
    if (event.what !== "broke rule" || this.#isFull()) return;
    const { t, who, whom, rule, detail, isRemark } = event;
    const what = isRemark
      ? `does not keep to "${rule}", which counts as a habit`
      : `breaks the rule "${rule}"`;
    this.#line(t, who, "•", whom, `${who} ${what}: ${detail}`);
  }

  /** The capture ends here, with so many bytes in all runs. */
  captureEnds(most: number): void {
    if (this.#isFull()) return;
    const { capture } = this.#setup;
    this.#write(visible(`${capture} ends here: those of an experiment have ${formatBytes(most)}.`));
  }

  /** Says how much was left out, if any. */
  end(): void {
    if (this.#leftOut === 0) return;
    this.#write(`${formatCount(this.#leftOut, "more line")} would have followed.`);
  }

  #words(talk: Talk, side: Side, said: Said): string {
    const known = this.#known(talk);
    if (said.what === "handshake") return handshakeWords(said.head).text;
    if (said.what === "opaque") {
      return said.kind === "mse"
        ? `no message in clear: ${said.why}`
        : `no message: ${said.why}; the rest of what it says cannot be read`;
    }
    const { message } = said;
    if (message.type === "extended" && message.id === 0) known[side].learn(message.payload);
    const { pieceCount } = this.#setup;
    // A message carries the ID that its receiver gave the extension.
    const extensions = known[otherSide(side)].byId;
    const voice = namingVoice(talk[side], talk[otherSide(side)]);
    return messageWords(message, voice, { pieceCount, extensions }, { unicode: true }).text;
  }

  #known(talk: Talk): Known {
    let known = this.#talks.get(talk);
    if (known === undefined) {
      known = { caller: new ExtensionNames(), called: new ExtensionNames() };
      this.#talks.set(talk, known);
    }
    return known;
  }

  #line(t: number, from: string, sign: string, to: string, text: string): void {
    const name = (id: string) => pad(shorten(visible(id), this.#width), this.#width);
    const time = (t / 1000).toFixed(3).padStart(9);
    const all = visible(text);
    const words = all.length <= MOST_CHARACTERS
      ? all
      : `${all.slice(0, MOST_CHARACTERS - 1).toWellFormed()}…`;
    this.#write(`${time}  ${name(from)} ${sign} ${name(to)}  ${words}`);
  }

  /** Whether no more is written, which the text says once. */
  #isFull(): boolean {
    if (this.#written < this.#most) return false;
    if (this.#leftOut++ === 0) {
      this.#write(`Cut off here: a text ends at ${formatBytes(this.#most)}.`);
    }
    return true;
  }

  #write(line: string): void {
    const bytes = this.#encoder.encode(`${line}\n`);
    this.#written += bytes.length;
    this.#setup.write(bytes);
  }
}

function otherSide(side: Side): Side {
  return side === "caller" ? "called" : "caller";
}
