/**
 * One connection with a student's peer: everything that it says is kept, with its time and bytes.
 *
 * @module
 */
import {
  decodeHandshake,
  type Handshake,
  HANDSHAKE_LENGTH,
  isHandshakePrefix,
  type Message,
  MessageReader,
  MessageWriter,
} from "../../protocol/mod.ts";
import { type Capture, type CapturedLink, linkOf } from "./capture.ts";
import { type Cutting, packetsOf } from "./cutting.ts";
import { messageWords } from "./message_words.ts";
import type { Finding, MarkedBytes } from "./finding.ts";

/** One message of the student's program. */
export interface Heard {
  /** Counted from 1, the handshake included. */
  readonly number: number;
  /** ms since its program was started. */
  readonly at: number;
  /** As it was on the wire. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly said:
    | { readonly type: "handshake"; readonly handshake: Handshake }
    /** No message: the first bytes are no handshake, a length is impossible. */
    | { readonly type: "garbage"; readonly problem: string }
    | Message;
}

/** Bytes of garbage that are kept. */
const GARBAGE = 256;
/** Bytes that are kept of the last packet. */
const PACKET = 128;
/** Bytes that may wait to be read by the program before nothing more is read of it. */
const MOST_UNSENT = 1 << 20;
/** Reads after which others have their turn. */
const READS_A_TURN = 16;
/** Messages that are kept of one connection: a program may send keep-alives without end. */
const MOST_HEARD = 20_000;

/** What a connection needs of the probe that it belongs to. */
export interface ConnectionHost {
  /** ms since the student's program was started. */
  now(): number;
  readonly capture: Capture;
  /** Something happened: whoever waits looks again. */
  stir(): void;
  /** ms by a clock that stands still while the program has no processor. */
  readonly fairTime: number;
  /** The probe itself threw: the run ends with that. */
  broke(error: unknown): void;
}

/** A connection whose scripted end is ours. */
export class PeerConnection {
  /** Counted from 1 within a probe. */
  readonly number: number;
  readonly heard: Heard[] = [];
  /** What was said last from here, in words. */
  lastSaid = "nothing yet";
  /** Whether the student's program ended it, or the connection broke. */
  closed = false;
  /** ms since the program's start when that was seen. */
  closedAt: number | undefined;
  cutting: Cutting;
  /** The packet that went out last, up to some bytes. */
  lastPacket: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly #socket: Deno.TcpConn;
  readonly #host: ConnectionHost;
  readonly #link: CapturedLink;
  readonly #reader = new MessageReader();
  readonly #writer = new MessageWriter(() => {});
  #waiting: Uint8Array[] = [];
  #unsent = 0;
  #writing: Promise<void> | undefined;
  #shut = false;
  #deaf = false;
  #opened = false;
  #broken = false;
  #held: PromiseWithResolvers<void> | undefined;
  readonly #onHeard: (heard: Heard, connection: PeerConnection) => void;
  readonly #reading: Promise<void>;

  constructor(
    socket: Deno.TcpConn,
    number: number,
    cutting: Cutting,
    host: ConnectionHost,
    onHeard: (heard: Heard, connection: PeerConnection) => void,
  ) {
    this.#socket = socket;
    this.number = number;
    this.cutting = cutting;
    this.#host = host;
    this.#onHeard = onHeard;
    this.#link = linkOf(socket);
    socket.setNoDelay();
    this.#reading = this.#read();
  }

  /** The student's handshake, once it has come. */
  get handshake(): Handshake | undefined {
    const said = this.heard[0]?.said;
    return said?.type === "handshake" ? said.handshake : undefined;
  }

  /** Says messages, or raw bytes; `words` is how the report calls that. */
  say(words: string, make: ((writer: MessageWriter) => void) | Uint8Array): void {
    if (this.#shut) return;
    this.lastSaid = words;
    if (!(make instanceof Uint8Array)) make(this.#writer);
    const bytes = make instanceof Uint8Array ? make : this.#writer.take().slice();
    this.#waiting.push(bytes);
    this.#unsent += bytes.length;
    this.#writing ??= this.#write();
  }

  /** Reads no further until `readOn`, so that what the other side writes piles up there. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  readOn(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** Ends it, when all that was said has gone out; what is heard from now on is nothing any more. */
  async close(): Promise<void> {
    this.#deaf = true;
    await this.#writing;
    this.#shut = true;
    this.readOn();
    try {
      this.#socket.close();
    } catch {
      // It was closed already.
    }
    await this.#reading;
  }

  /** What a finding says of one message: where it was, when, and its bytes. */
  placeOf(heard: Heard, wrong?: readonly [number, number]): Partial<Finding> {
    const bytes = heard.bytes.subarray(0, 256);
    const marked: MarkedBytes = wrong === undefined ? { bytes } : { bytes, wrong };
    return { at: heard.at, connection: this.number, message: heard.number, marked };
  }

  /** The last message as words: what a silence came after. */
  lastHeardWords(): string {
    const last = this.heard.at(-1);
    if (last === undefined) return "nothing";
    return messageWords(last.said);
  }

  async #write(): Promise<void> {
    // What is said in the same turn leaves together.
    await new Promise((resolve) => setTimeout(resolve, 0));
    try {
      while (this.#waiting.length > 0 && !this.#shut) {
        const messages = this.#waiting;
        this.#waiting = [];
        for (const { bytes, pause } of packetsOf(messages, this.cutting)) {
          if (this.#shut) return;
          this.#host.capture.wire(this.#link, "sent", bytes);
          this.lastPacket = bytes.slice(0, PACKET);
          for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
          this.#unsent -= bytes.length;
          if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
        }
      }
    } catch {
      // It hung up; the reader notices, too.
    } finally {
      this.#writing = undefined;
    }
  }

  async #read(): Promise<void> {
    let reads = 0;
    try {
      while (!this.#shut) {
        await this.#held?.promise;
        // Who asks and asks and never reads would fill this program's memory.
        while (this.#unsent > MOST_UNSENT && this.#writing !== undefined) await this.#writing;
        if (this.#shut) break;
        const space = this.#reader.space();
        const count = await this.#socket.read(space);
        if (count === null) break;
        this.#host.capture.wire(this.#link, "received", space.subarray(0, count));
        this.#reader.commit(count);
        if (this.#broken || this.#deaf) this.#skip();
        else this.#take();
        this.#host.stir();
        // Reads of what is there already leave no turn to anything else.
        if (++reads % READS_A_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } catch {
      // Reset, or closed from here.
    }
    if (!this.#shut && !this.#deaf) this.#leftOver();
    this.closed = true;
    this.closedAt = this.#host.now();
    this.#host.capture.link(this.#link, { ended: "closed" });
    this.#host.stir();
  }

  #take(): void {
    if (!this.#opened && !this.#open()) return;
    while (!this.#broken && !this.#deaf) {
      let message: Message | undefined;
      try {
        message = this.#reader.next();
      } catch (error) {
        this.#fail((error as Error).message);
        return;
      }
      if (message === undefined) return;
      const bytes = this.#reader.frame.slice();
      this.#keep(bytes, owned(message, bytes));
    }
  }

  /** Reads the handshake; whether it is there. */
  #open(): boolean {
    const start = this.#reader.peek();
    if (!isHandshakePrefix(start)) {
      this.#fail("its first bytes are no BitTorrent handshake");
      return false;
    }
    const bytes = this.#reader.take(HANDSHAKE_LENGTH)?.slice();
    if (bytes === undefined) return false;
    this.#opened = true;
    this.#keep(bytes, { type: "handshake", handshake: decodeHandshake(bytes) });
    return true;
  }

  #fail(problem: string): void {
    this.#broken = true;
    const bytes = this.#reader.peek().slice(0, GARBAGE);
    this.#keep(bytes, { type: "garbage", problem });
    this.#skip();
  }

  #skip(): void {
    this.#reader.take(this.#reader.peek().length);
  }

  /** What it said last without an end: part of a handshake or of a message. */
  #leftOver(): void {
    const rest = this.#reader.peek();
    if (rest.length === 0 || this.#broken) return;
    const what = this.#opened ? "a message" : "a handshake of 68 bytes";
    this.#keep(rest.slice(0, GARBAGE), {
      type: "garbage",
      problem: `${rest.length} bytes of ${what}, and then the end`,
    });
  }

  #keep(bytes: Uint8Array<ArrayBuffer>, said: Heard["said"]): void {
    if (this.heard.length >= MOST_HEARD) return;
    const heard: Heard = { number: this.heard.length + 1, at: this.#host.now(), bytes, said };
    this.heard.push(heard);
    try {
      this.#onHeard(heard, this);
    } catch (error) {
      // A bug of the probe: never the student's fault.
      this.#host.broke(error);
    }
  }
}

/** The message with memory of its own: views end with the next read. */
function owned(message: Message, frame: Uint8Array<ArrayBuffer>): Message {
  switch (message.type) {
    case "piece":
      return { ...message, block: frame.subarray(13) };
    case "bitfield":
      return { ...message, bytes: frame.subarray(5) };
    case "extended":
      return { ...message, payload: frame.subarray(6) };
    default:
      return message;
  }
}
