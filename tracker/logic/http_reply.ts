/**
 * Replies to HTTP requests: what they say, and their bytes.
 *
 * @module
 */

import { type Part, partLength } from "./byte_writer.ts";

/** Sends what a reply says bit by bit, for as long as it likes: server-sent events, say. */
export interface BodyStream {
  /** Resolves once the system has taken all of it: wait for that before you send more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Aborted when the client is gone or the server closes. */
  readonly signal: AbortSignal;
}

/** What a route answers. */
export interface HttpReply {
  /** Status code. */
  readonly status: number;
  /** Its media type. */
  readonly type: string;
  /** Other fields. Content-Length, Connection and Date are the server's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body in parts. */
  readonly body: readonly Part[];
  /** Goes on after `body` until it resolves; the connection ends with it. */
  readonly stream?: (stream: BodyStream) => Promise<void>;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  411: "Length Required",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
};

/** Bytes of body from which on a reply's head is not kept. */
const USUAL = 4096;

const encoder = new TextEncoder();

/** A sentence for people. */
export function textReply(status: number, text: string): HttpReply {
  return { status, type: "text/plain; charset=utf-8", body: [encoder.encode(text)] };
}

/** A value for programs. */
export function jsonReply(status: number, value: unknown): HttpReply {
  return jsonBytesReply(status, encoder.encode(JSON.stringify(value)));
}

/** JSON that was written already. */
export function jsonBytesReply(status: number, json: Uint8Array): HttpReply {
  return { status, type: "application/json", body: [json] };
}

/** Why not, for programs that show it to people. */
export function refusal(status: number, error: string): HttpReply {
  return jsonReply(status, { error });
}

/** Seconds after which there is room again. */
const BUSY_SECONDS = 5;

/** Why not now, and when again. */
export function busy(): HttpReply {
  const headers = { "Retry-After": String(BUSY_SECONDS) };
  return { ...refusal(503, "too many uploads: try again soon"), headers };
}

/** How the connection goes on after a reply; `"keep-alive"` has to be said to HTTP/1.0 only. */
export type Persistence = "silent" | "keep-alive" | "close";

/**
 * The head of a reply.
 *
 * @param date the Date field's value
 */
export function formatReplyHead(reply: HttpReply, persistence: Persistence, date: string): string {
  const { status, type, headers, body } = reply;
  let head = status === 200
    ? "HTTP/1.1 200 OK\r\nContent-Type: "
    : `HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}\r\nContent-Type: `;
  head += type;
  if (reply.stream === undefined) head += "\r\nContent-Length: " + lengthOf(body);
  head += "\r\nDate: " + date;
  if (persistence !== "silent") head += "\r\nConnection: " + persistence;
  for (const name in headers) head += `\r\n${name}: ${headers[name]}`;
  return head + "\r\n\r\n";
}

/** Bytes of a body. */
export function lengthOf(body: HttpReply["body"]): number {
  let length = 0;
  for (const part of body) length += partLength(part);
  return length;
}

/**
 * Heads of short replies, made once and used until the date changes: those to announces differ in
 * nothing but their length.
 */
export class ReplyHeads {
  /** The Date field's value. */
  readonly date: string;
  readonly #made = new Map<number, Uint8Array>();

  constructor(date: string) {
    this.date = date;
  }

  get(reply: HttpReply, persistence: Persistence): string | Uint8Array {
    const length = lengthOf(reply.body);
    const isUsual = reply.status === 200 && reply.type === "text/plain" && length < USUAL &&
      reply.headers === undefined && reply.stream === undefined && persistence !== "keep-alive";
    if (!isUsual) return formatReplyHead(reply, persistence, this.date);
    const key = persistence === "silent" ? length : -length - 1;
    let head = this.#made.get(key);
    if (head === undefined) {
      head = encoder.encode(formatReplyHead(reply, persistence, this.date));
      this.#made.set(key, head);
    }
    return head;
  }
}
