/**
 * One HTTP connection to a student's tracker: requests go out as bytes, replies are kept as they came.
 *
 * @module
 */
import { ChunkedBody, concatBytes } from "../../protocol/mod.ts";
import { type CapturedLink, linkOf } from "./capture.ts";
import type { ConnectionHost } from "./peer_connection.ts";

/** How a reply ended. */
export type ReplyEnd =
  /** As its head said that it would. */
  | "whole"
  /** The connection was closed: that is the end where the head names no other. */
  | "closed"
  /** The connection was closed before the end that the head named. */
  | "cut off"
  /** Nothing more came. */
  | "silence"
  /** More bytes than are read. */
  | "too long";

/** A reply as it came. */
export interface HttpReply {
  /** The connection, counted from 1 within a probe, and the reply on it. */
  readonly connection: number;
  readonly message: number;
  /** ms since the program was started. */
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly end: ReplyEnd;
  /** None where the first line is not HTTP's. */
  readonly status: number | undefined;
  /** The first line. */
  readonly statusLine: string;
  /** Names in small letters. */
  readonly fields: ReadonlyMap<string, string>;
  /** The body: all that came behind the head, chunks taken apart. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Where in `bytes` the body begins; undefined where the head never ended. */
  readonly bodyAt: number | undefined;
}

/** Bytes of a reply that are read. */
const MOST_REPLY = 1 << 20;
/** ms in which more may come behind the promised end of a reply. */
const SURPLUS_TIME = 60;
/** A reply takes at most so many times the patience, however slowly it comes. */
const MOST_PATIENCES = 3;
/** ms between two looks at a clock that may stand still. */
const LOOK_INTERVAL = 100;

/** A connection whose end here is ours. */
export class HttpConnection implements AsyncDisposable {
  /** Counted from 1 within a probe. */
  readonly number: number;
  readonly #socket: Deno.TcpConn;
  readonly #host: ConnectionHost;
  readonly #link: CapturedLink;
  readonly #parts: Uint8Array[] = [];
  readonly #reading: Promise<void>;
  #length = 0;
  #replies = 0;
  #ended = false;
  #wake = () => {};

  private constructor(socket: Deno.TcpConn, number: number, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.number = number;
    this.#link = linkOf(socket);
    socket.setNoDelay();
    this.#reading = this.#read();
  }

  /** Calls; undefined where nobody answers within `patience` ms. */
  static async open(
    address: { readonly hostname: string; readonly port: number },
    number: number,
    host: ConnectionHost,
    patience: number,
  ): Promise<HttpConnection | undefined> {
    const calling = Deno.connect(address).catch(() => undefined);
    let limit: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      limit = setTimeout(() => resolve(undefined), patience);
    });
    const socket = await Promise.race([calling, tooLate]);
    clearTimeout(limit);
    if (socket === undefined) {
      // Whoever answers too late is hung up on.
      calling.then((late) => late?.close());
      return undefined;
    }
    return new HttpConnection(socket, number, host);
  }

  /** Whether the other side ended it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Says bytes, in packets of their own with `pause` ms between two; whether all could be said. */
  async say(packets: readonly Uint8Array[], pause = 0): Promise<boolean> {
    try {
      for (const [index, bytes] of packets.entries()) {
        if (index > 0 && pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
        this.#host.capture.wire(this.#link, "sent", bytes);
        for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
      }
      return true;
    } catch {
      return false;
    }
  }

  /** The next reply, as far as it came within `patience` ms of silence. */
  async reply(patience: number): Promise<HttpReply> {
    const host = this.#host;
    const limit = host.fairTime + MOST_PATIENCES * patience;
    let quietSince = host.fairTime;
    let cameAt = performance.now();
    let length = this.#length;
    let isOver = false;
    while (true) {
      if (this.#length !== length) {
        length = this.#length;
        quietSince = host.fairTime;
        cameAt = performance.now();
        isOver = false;
      }
      const read = readReply(this.#received());
      if (read.isWhole) {
        const age = performance.now() - cameAt;
        // What is longer than it says is shown as it is: the connection is looked at a while longer.
        if (this.#ended || age >= SURPLUS_TIME) return this.#take(read, "whole");
        await this.#stirred(SURPLUS_TIME - age);
        continue;
      }
      if (this.#ended) return this.#take(read, read.endsByClose ? "closed" : "cut off");
      if (this.#length >= MOST_REPLY) return this.#take(read, "too long");
      const now = host.fairTime;
      const left = Math.min(patience - (now - quietSince), limit - now);
      if (left <= 0) {
        // Twice: something may lie here that was not read.
        if (isOver) return this.#take(read, "silence");
        isOver = true;
      }
      await this.#stirred(Math.max(left, LOOK_INTERVAL));
    }
  }

  /** Waits until the other side ends it; whether it did. */
  async closed(patience: number): Promise<boolean> {
    const limit = performance.now() + patience;
    while (!this.#ended && performance.now() < limit) {
      await this.#stirred(limit - performance.now());
    }
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#socket.close();
    } catch {
      // It was closed already.
    }
    await this.#reading;
  }

  #take(read: ReadReply, end: ReplyEnd): HttpReply {
    const { isWhole: _, endsByClose: __, ...rest } = read;
    this.#parts.length = 0;
    this.#length = 0;
    return {
      ...rest,
      end,
      connection: this.number,
      message: ++this.#replies,
      at: this.#host.now(),
    };
  }

  #received(): Uint8Array<ArrayBuffer> {
    const bytes = concatBytes(this.#parts);
    this.#parts.splice(0, Infinity, bytes);
    return bytes;
  }

  async #stirred(patience: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const limit = setTimeout(resolve, Math.max(1, patience));
    await promise;
    clearTimeout(limit);
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    try {
      while (this.#length < MOST_REPLY) {
        const count = await this.#socket.read(buffer);
        if (count === null) break;
        const bytes = buffer.slice(0, count);
        this.#host.capture.wire(this.#link, "received", bytes);
        this.#parts.push(bytes);
        this.#length += count;
        this.#host.stir();
        this.#wake();
      }
    } catch {
      // It broke off, or was closed from here.
    }
    this.#ended = true;
    this.#host.capture.link(this.#link, { ended: "closed" });
    this.#host.stir();
    this.#wake();
  }
}

interface ReadReply extends Omit<HttpReply, "connection" | "message" | "at" | "end"> {
  /** The end that the head named has come. */
  readonly isWhole: boolean;
  /** The head names no other end than that of the connection. */
  readonly endsByClose: boolean;
}

/** What is there of a reply. A bare line feed ends a line, too: that is judged elsewhere. */
function readReply(bytes: Uint8Array<ArrayBuffer>): ReadReply {
  const text = latin1(bytes.subarray(0, 64 * 1024));
  const headEnd = /\r?\n\r?\n/.exec(text);
  const headText = headEnd === null ? text : text.slice(0, headEnd.index);
  const [statusLine = "", ...lines] = headText.split(/\r?\n/);
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})(?: |$)/.exec(statusLine)?.[1];
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const bodyAt = headEnd === null || status === undefined
    ? undefined
    : headEnd.index + headEnd[0].length;
  const common = {
    bytes,
    status: status === undefined ? undefined : Number(status),
    statusLine: statusLine.slice(0, 200),
    fields,
    bodyAt,
  };
  if (bodyAt === undefined) {
    return { ...common, body: new Uint8Array(), isWhole: false, endsByClose: false };
  }
  const rest = bytes.subarray(bodyAt);
  if (/chunked/i.test(fields.get("transfer-encoding") ?? "")) {
    const parts: Uint8Array[] = [];
    const chunks = new ChunkedBody((part) => parts.push(part.slice()));
    chunks.feed(rest);
    return { ...common, body: concatBytes(parts), isWhole: chunks.isDone, endsByClose: false };
  }
  const length = fields.get("content-length");
  const promised = length !== undefined && /^\d{1,9}$/.test(length) ? Number(length) : undefined;
  return {
    ...common,
    body: rest,
    isWhole: promised !== undefined && rest.length >= promised,
    endsByClose: promised === undefined,
  };
}

/** Bytes as text, a character each. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
