/**
 * One connection over TLS to a web server, for one request after the other.
 *
 * @module
 */
import { ChunkedBody } from "../../protocol/chunked_body.ts";
import { findHeadEnd, INCOMPLETE, MALFORMED } from "../../protocol/http_head.ts";
import { MAX_REPLY_HEAD, parseReplyHead, type ReplyHead } from "../../protocol/http_reply.ts";

/** Bytes read at once. */
const BUFFER = 65536;
/** Answers before the answer (`100 Continue` and its like) that are passed over. */
const MAX_INTERIM = 8;

/** To whom to connect. */
export interface TlsEnd {
  readonly address: string;
  readonly port: number;
  /** Whose certificate it has to show: a name, or an address (IPv6 without brackets). */
  readonly name: string;
  /** PEM of the authorities that are trusted; default: the usual ones. */
  readonly caCerts?: readonly string[] | undefined;
}

/** The connection. Whoever asks reads the whole answer before the next question. */
export class TlsConnection implements Disposable {
  /** It ended, or may not be used for another question. */
  isSpent = false;
  /** Bytes of the answer that is due have come. */
  hasAnswered = false;
  readonly #conn: Deno.TlsConn;
  readonly #buffer = new Uint8Array(BUFFER);
  #start = 0;
  #end = 0;
  #isClosed = false;

  private constructor(conn: Deno.TlsConn) {
    this.#conn = conn;
  }

  /** @throws {Error} where nobody answers there who has the certificate of the name */
  static async open({ address, port, name, caCerts }: TlsEnd, signal: AbortSignal) {
    const tcp = await Deno.connect({ hostname: address, port, signal });
    tcp.setNoDelay(true);
    const connection = new TlsConnection(
      await Deno.startTls(tcp, {
        hostname: name,
        ...(caCerts && { caCerts: [...caCerts] }),
        alpnProtocols: ["http/1.1"],
      }),
    );
    try {
      await connection.#until(signal, connection.#conn.handshake());
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
    return connection;
  }

  /** Sends a request as it stands. */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.hasAnswered = false;
    const write = async (): Promise<void> => {
      for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
    };
    await this.#until(signal, write());
  }

  /** The head of the answer. @throws {Error} where there is none */
  async head(signal: AbortSignal): Promise<ReplyHead> {
    for (let interim = 0; interim <= MAX_INTERIM; interim++) {
      const head = parseReplyHead(await this.#headText(signal));
      if (typeof head === "string") throw new Error(head);
      if (head.status === 101) break;
      if (head.status >= 200) {
        if (!head.keepsAlive) this.isSpent = true;
        return head;
      }
    }
    throw new Error("it does not answer in HTTP/1.1");
  }

  /** The body of an answer, as it comes. @throws {Error} where it is cut short or no chunks */
  async *body(
    { body }: ReplyHead,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    if (body === "chunks") return yield* this.#chunks(signal);
    for (let left = body === "end" ? Infinity : body; left > 0;) {
      if (this.#start === this.#end && !await this.#more(signal)) {
        if (body === "end") return;
        throw new Error("connection closed within the body");
      }
      const part = this.#buffer.slice(this.#start, Math.min(this.#end, this.#start + left));
      this.#start += part.length;
      left -= part.length;
      yield part;
    }
    // What nobody asked for is no answer to the next question.
    if (this.#start !== this.#end) this.isSpent = true;
  }

  [Symbol.dispose](): void {
    this.isSpent = true;
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#conn.close();
    } catch {
      // An error closed it already.
    }
  }

  async *#chunks(signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const chunked = new ChunkedBody((bytes) => void parts.push(bytes.slice()));
    while (!chunked.isDone) {
      if (this.#start === this.#end && !await this.#more(signal)) {
        throw new Error("connection closed within the body");
      }
      const length = chunked.feed(this.#buffer.subarray(this.#start, this.#end));
      if (length < 0) throw new Error("the chunks of its answer are none");
      this.#start += length;
      yield* parts.splice(0);
    }
    if (this.#start !== this.#end) this.isSpent = true;
  }

  async #headText(signal: AbortSignal): Promise<string> {
    // A head gets the whole buffer.
    if (this.#start > 0) this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    for (let from = 0;;) {
      const end = findHeadEnd(this.#buffer, 0, from, this.#end);
      if (end === MALFORMED) throw new Error("it does not answer in HTTP/1.1");
      if (end !== INCOMPLETE) {
        let text = "";
        for (let i = 0; i < end; i++) text += String.fromCharCode(this.#buffer[i]!);
        this.#start = end;
        return text;
      }
      from = this.#end;
      if (this.#end >= MAX_REPLY_HEAD) throw new Error("the head of its answer is too long");
      if (!await this.#more(signal)) throw new Error("connection closed before an answer");
    }
  }

  /** Waits for more bytes; false where no more come. */
  async #more(signal: AbortSignal): Promise<boolean> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    const n = await this.#until(signal, this.#conn.read(this.#buffer.subarray(this.#end)));
    if (n === null) {
      this.isSpent = true;
      return false;
    }
    this.hasAnswered = true;
    this.#end += n;
    return true;
  }

  /** Waits for `work`, or hangs up when `signal` says so. */
  async #until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    const hangUp = (): void => this[Symbol.dispose]();
    signal.addEventListener("abort", hangUp);
    if (signal.aborted) hangUp();
    try {
      const result = await work;
      signal.throwIfAborted();
      return result;
    } catch (error) {
      this[Symbol.dispose]();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", hangUp);
    }
  }
}
