/**
 * HTTPS to the very address that was checked: the connection goes there, and the certificate has to
 * be that of the name (RFC 9110, section 4.3.4).
 *
 * `fetch` looks a name up itself, so a name that was checked could stand for another address by then.
 *
 * @module
 */
import type { ReplyHead } from "../../protocol/http_reply.ts";
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { TlsConnection } from "./tls_connection.ts";

/** ms that a connection is kept while nobody asks. */
const IDLE_MS = 15_000;
/** Connections kept. */
const MAX_IDLE = 16;
/** How `fetch` undoes what a server packs though nobody asked for it, and so do we. */
const PACKINGS: ReadonlyMap<string, CompressionFormat> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);

/** What is asked. */
export interface HttpsRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** A connection that nobody uses. */
interface Idle {
  readonly key: string;
  readonly connection: TlsConnection;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Asks servers over TLS. With `keeps`, connections are used again until it is disposed. */
export class PinnedHttps implements Disposable {
  readonly #keeps: boolean;
  readonly #caCerts: readonly string[] | undefined;
  readonly #idle = new Set<Idle>();
  #isDisposed = false;

  /** @param caCerts PEM of the authorities that are trusted; default: the usual ones */
  constructor(keeps: boolean, caCerts?: readonly string[]) {
    this.#keeps = keeps;
    this.#caCerts = caCerts;
  }

  /**
   * The answer to one request, whatever its status; redirects are not followed. Its body has to be
   * read or cancelled.
   *
   * @param address of the server that `url` names
   * @throws {Error} where nobody answers who has the certificate
   */
  async fetch(url: URL, address: string, request: HttpsRequest): Promise<Response> {
    const { signal } = request;
    // Like `fetch`: who says itself what it takes is given what comes.
    const unpacks = !Object.keys(request.headers).includes("accept-encoding");
    const asked = { bytes: requestBytes(url, request), unpacks };
    const port = Number(url.port || 443);
    const name = url.hostname.replace(/^\[|\]$/g, "");
    // By address, too: never used for a name that stands for another by now.
    const key = `${address} ${port} ${name}`;
    const kept = this.#take(key);
    if (kept !== undefined) {
      try {
        return await this.#ask(key, kept, asked, signal);
      } catch (error) {
        signal.throwIfAborted();
        // A server may close what it kept at any time; whether it heard an upload is not known then.
        if (kept.hasAnswered || request.body !== undefined) throw error;
      }
    }
    const end = { address, port, name, caCerts: this.#caCerts };
    return await this.#ask(key, await TlsConnection.open(end, signal), asked, signal);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const one of [...this.#idle]) this.#drop(one);
  }

  async #ask(
    key: string,
    connection: TlsConnection,
    { bytes, unpacks }: { bytes: Uint8Array; unpacks: boolean },
    signal: AbortSignal,
  ): Promise<Response> {
    try {
      await connection.send(bytes, signal);
      const head = await connection.head(signal);
      return responseOf(head, this.#bodyOf(key, connection, head, signal), unpacks);
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  /** Ends the connection where the body is not read to its end. */
  #bodyOf(key: string, connection: TlsConnection, head: ReplyHead, signal: AbortSignal) {
    const parts = connection.body(head, signal);
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (stream) => {
        try {
          const { done, value } = await parts.next();
          if (!done) return stream.enqueue(value);
        } catch (error) {
          connection[Symbol.dispose]();
          throw error;
        }
        stream.close();
        this.#keep(key, connection);
      },
      cancel: () => connection[Symbol.dispose](),
    }, { highWaterMark: 0 });
  }

  #take(key: string): TlsConnection | undefined {
    for (const one of this.#idle) {
      if (one.key !== key) continue;
      clearTimeout(one.timer);
      this.#idle.delete(one);
      return one.connection;
    }
    return undefined;
  }

  #keep(key: string, connection: TlsConnection): void {
    if (!this.#keeps || this.#isDisposed || connection.isSpent) {
      return connection[Symbol.dispose]();
    }
    const one: Idle = { key, connection, timer: setTimeout(() => this.#drop(one), IDLE_MS) };
    this.#idle.add(one);
    if (this.#idle.size > MAX_IDLE) this.#drop(this.#idle.values().next().value!);
  }

  #drop(one: Idle): void {
    clearTimeout(one.timer);
    this.#idle.delete(one);
    one.connection[Symbol.dispose]();
  }
}

/** @throws {TypeError} for header fields that cannot be sent */
function requestBytes(url: URL, { method, headers, body }: HttpsRequest): Uint8Array {
  const fields = new Headers({ "accept": "*/*", "user-agent": navigator.userAgent, ...headers });
  if (body !== undefined) fields.set("content-length", String(body.length));
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    ...[...fields].map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (c) => c.charCodeAt(0));
  return body === undefined ? head : concatBytes([head, body]);
}

function responseOf(
  { status, statusText, fields, body }: ReplyHead,
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  unpacks: boolean,
): Response {
  const headers = new Headers(fields.map(([name, value]): [string, string] => [name, value]));
  const packing = unpacks
    ? PACKINGS.get(headers.get("content-encoding")?.toLowerCase() ?? "")
    : undefined;
  if (packing !== undefined) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  // One without a body is over at once, and its connection free.
  if (body === 0) {
    stream.getReader().read().catch(() => {});
    return new Response(null, { status, statusText, headers });
  }
  return new Response(
    packing === undefined ? stream : stream.pipeThrough(new DecompressionStream(packing)),
    { status, statusText, headers },
  );
}
