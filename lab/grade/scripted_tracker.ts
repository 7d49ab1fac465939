/**
 * A tracker that answers as it is told, in every form that HTTP has, and keeps the requests raw.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import {
  type BencodeInput,
  concatBytes,
  encodeBencode,
  encodePeers,
  type PeerAddress,
} from "../../protocol/mod.ts";
import { type CapturedLink, linkOf } from "./capture.ts";
import type { ConnectionHost } from "./peer_connection.ts";
import type { Finding } from "./finding.ts";

/** How an answer is put into HTTP. */
export interface Reply {
  readonly body: Uint8Array;
  /** Default: 200. */
  readonly status?: number;
  /**
   * - `length`: with Content-Length (default);
   * - `close`: without, up to the end of the connection;
   * - `chunked`: in chunks of seven bytes;
   * - `gzip`: compressed, with Content-Length.
   */
  readonly form?: "length" | "close" | "chunked" | "gzip";
  readonly headers?: readonly string[];
  /** Cuts it into packets of so many bytes. */
  readonly cut?: number;
}

/** One request, as it came. */
export interface Asked {
  /** Counted from 1. */
  readonly number: number;
  /** ms since the student's program was started. */
  readonly at: number;
  /** The whole head, each byte a character (Latin-1). */
  readonly head: string;
  readonly method: string;
  readonly path: string;
  /** Key → value as it was written, before any decoding. */
  readonly query: ReadonlyMap<string, string>;
  /** Where each value begins in `head`. */
  readonly places: ReadonlyMap<string, number>;
}

/** Bytes of a request's head that are read. */
const MOST_HEAD = 16 * 1024;
/** Requests that are kept: a program may announce without pause. */
const MOST_ASKED = 2000;

/** A tracker of 127.0.0.1 that is asked over HTTP. */
export class ScriptedTracker implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #answer: (asked: Asked) => Reply | undefined;
  readonly #listener: Deno.TcpListener;
  readonly #host: ConnectionHost;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;

  /** @param answer the reply to each request; undefined: never answered */
  constructor(answer: (asked: Asked) => Reply | undefined, host: ConnectionHost) {
    this.#answer = answer;
    this.#host = host;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accepting = this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Its announce URL. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/announce`;
  }

  /** The announces among the requests. */
  announces(): Asked[] {
    return this.asked.filter(({ path }) => path.startsWith("/announce"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#open) close(socket);
    await this.#accepting;
    await Promise.all(this.#serving);
  }

  async #accept(): Promise<void> {
    try {
      for await (const socket of this.#listener) {
        const serving = this.#serve(socket);
        this.#serving.add(serving);
        serving.finally(() => this.#serving.delete(serving));
      }
    } catch {
      // Closed.
    }
  }

  async #serve(socket: Deno.TcpConn): Promise<void> {
    this.#open.add(socket);
    const link = linkOf(socket);
    try {
      socket.setNoDelay();
      const head = await this.#readHead(socket, link);
      if (head === undefined) return;
      const asked = readAsked(head, this.asked.length + 1, this.#host.now());
      if (this.asked.length < MOST_ASKED) this.asked.push(asked);
      this.#host.stir();
      const reply = this.#answer(asked);
      if (reply === undefined) {
        // Silence, until somebody ends it.
        await socket.read(new Uint8Array(1));
        return;
      }
      const bytes = encodeReply(reply);
      const cut = reply.cut ?? bytes.length;
      for (let from = 0; from < bytes.length; from += cut) {
        const part = bytes.subarray(from, from + cut);
        this.#host.capture.wire(link, "sent", part);
        for (let at = 0; at < part.length;) at += await socket.write(part.subarray(at));
        if (cut < bytes.length) await new Promise((resolve) => setTimeout(resolve, 1.5));
      }
      this.#host.stir();
    } catch {
      // It hung up.
    } finally {
      this.#open.delete(socket);
      close(socket);
      this.#host.capture.link(link, { ended: "closed" });
    }
  }

  async #readHead(socket: Deno.TcpConn, link: CapturedLink): Promise<string | undefined> {
    let head = "";
    const buffer = new Uint8Array(4096);
    while (head.length < MOST_HEAD) {
      const count = await socket.read(buffer);
      if (count === null) break;
      const bytes = buffer.subarray(0, count);
      this.#host.capture.wire(link, "received", bytes);
      for (const byte of bytes) head += String.fromCharCode(byte);
      if (/\r?\n\r?\n/.test(head)) return head;
    }
    return head === "" ? undefined : head;
  }
}

/** A reply that names peers. */
export function peersBody(
  peers: readonly (PeerAddress & { readonly id?: Uint8Array })[],
  options: {
    /** Default: compact (BEP 23). */
    readonly list?: boolean;
    readonly interval?: number;
    readonly extra?: Readonly<Record<string, BencodeInput>>;
  } = {},
): Uint8Array {
  return encodeBencode({
    interval: options.interval ?? 1800,
    peers: options.list
      ? peers.map(({ host, port, id }) => ({ ip: host, port, "peer id": id }))
      : encodePeers(peers).peers,
    ...options.extra,
  });
}

/** Where in a request something is wrong. */
export function placeIn(asked: Asked, key?: string): Partial<Finding> {
  const lineEnd = asked.head.search(/\r?\n/);
  const line = asked.head.slice(0, lineEnd < 0 ? undefined : lineEnd).slice(0, 512);
  const bytes = Uint8Array.from(line, (character) => character.charCodeAt(0));
  const from = key === undefined ? undefined : asked.places.get(key);
  const to = from === undefined ? undefined : from + asked.query.get(key!)!.length;
  return {
    at: asked.at,
    message: asked.number,
    filter: "http.request",
    marked: from === undefined || to! > bytes.length ? { bytes } : { bytes, wrong: [from, to!] },
  };
}

/**
 * The bytes that a value stands for, by RFC 3986: `+` is a plus sign.
 *
 * @returns undefined where a `%` is not followed by two hexadecimal digits
 */
export function percentBytes(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "%") bytes.push(text.charCodeAt(at));
    else {
      const digits = text.slice(at + 1, at + 3);
      if (!/^[0-9a-f]{2}$/i.test(digits)) return undefined;
      bytes.push(parseInt(digits, 16));
      at += 2;
    }
  }
  return Uint8Array.from(bytes);
}

function readAsked(head: string, number: number, at: number): Asked {
  const line = head.slice(0, Math.max(0, head.search(/\r?\n/)));
  const [, method = "", target = ""] = /^(\S+) (.*?)(?: HTTP\/[\d.]+)?$/.exec(line) ?? [];
  const mark = target.indexOf("?");
  const path = (mark < 0 ? target : target.slice(0, mark)).replace(/^http:\/\/[^/]*/, "");
  const query = new Map<string, string>();
  const places = new Map<string, number>();
  if (mark >= 0) {
    let place = method.length + 1 + mark + 1;
    for (const part of target.slice(mark + 1).split("&")) {
      const equals = part.indexOf("=");
      const key = equals < 0 ? part : part.slice(0, equals);
      if (!query.has(key)) {
        query.set(key, equals < 0 ? "" : part.slice(equals + 1));
        places.set(key, place + (equals < 0 ? part.length : equals + 1));
      }
      place += part.length + 1;
    }
  }
  return { number, at, head, method, path, query, places };
}

function encodeReply(reply: Reply): Uint8Array<ArrayBuffer> {
  const { form = "length", status = 200, headers = [] } = reply;
  const body = form === "gzip" ? new Uint8Array(gzipSync(reply.body)) : reply.body;
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}`,
    "Content-Type: text/plain",
    "Connection: close",
    ...headers,
  ];
  if (form === "chunked") lines.push("Transfer-Encoding: chunked");
  else if (form !== "close") lines.push(`Content-Length: ${body.length}`);
  if (form === "gzip") lines.push("Content-Encoding: gzip");
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  return concatBytes([head, form === "chunked" ? chunks(body) : body]);
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  302: "Found",
  400: "Bad Request",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

function chunks(body: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += 7) {
    const part = body.subarray(at, at + 7);
    parts.push(encoder.encode(`${part.length.toString(16)}\r\n`), part, encoder.encode("\r\n"));
  }
  return concatBytes([...parts, encoder.encode("0\r\n\r\n")]);
}

function close(socket: Deno.TcpConn): void {
  try {
    socket.close();
  } catch {
    // It was closed already.
  }
}
