/**
 * The head of an HTTP/1.1 request (RFC 9112) as a server reads it: strict where two readers could
 * differ about where a request ends, and sparing, for a tracker reads one per announce.
 *
 * @module
 */

/** The longest head taken, request line and header fields, in bytes. */
export const MAX_HEAD = 8192;
/** The longest request target taken, in bytes. */
export const MAX_TARGET = 4096;

/** Why a request is not answered as asked; the connection ends after it. */
export interface HttpFault {
  /** Status code of the answer. */
  readonly status: number;
  /** One sentence for whoever reads the answer. */
  readonly reason: string;
}

/** What {@linkcode findHeadEnd} gives where the head goes on behind what came so far. */
export const INCOMPLETE = 0;
/** What {@linkcode findHeadEnd} gives where no head can contain what came. */
export const MALFORMED = -1;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DEL = 127;

/**
 * Where the head that begins at `start` ends: behind its empty line. Looks at each byte once and
 * finds control characters and bare line ends on the way.
 *
 * @param from where to go on looking: `start`, or the `end` of the last call
 */
export function findHeadEnd(bytes: Uint8Array, start: number, from: number, end: number): number {
  if (from > start && from < end && bytes[from - 1] === CR && bytes[from] !== LF) return MALFORMED;
  for (let i = from; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= SPACE && byte !== DEL) continue;
    if (byte === CR) {
      if (i + 1 < end && bytes[i + 1] !== LF) return MALFORMED;
    } else if (byte === LF) {
      if (i === start || bytes[i - 1] !== CR) return MALFORMED;
      if (i >= start + 3 && bytes[i - 2] === LF) return i + 1;
    } else if (byte !== TAB) return MALFORMED;
  }
  return INCOMPLETE;
}

/** A request's head, understood as far as a server must; other fields on demand. */
export class RequestHead {
  readonly method: string;
  /** Path as written, without the query. */
  readonly path: string;
  /** The whole head, one character a byte: the query lies in it from `queryStart` to `queryEnd`. */
  readonly text: string;
  readonly queryStart: number;
  readonly queryEnd: number;
  /** HTTP/1.1 or later: what HTTP/1.0 does not know may be used. */
  readonly isModern: boolean;
  /** Whether the connection may be used for another request. */
  keepsAlive: boolean;
  /** Bytes of the body that follows; -1 where it comes in chunks. */
  bodyLength = 0;
  /** The client waits to be told that its body is welcome. */
  expectsContinue = false;

  constructor(
    text: string,
    line: { method: string; path: string; queryStart: number; queryEnd: number; modern: boolean },
  ) {
    this.text = text;
    this.method = line.method;
    this.path = line.path;
    this.queryStart = line.queryStart;
    this.queryEnd = line.queryEnd;
    this.isModern = line.modern;
    this.keepsAlive = line.modern;
  }

  get query(): string {
    return this.text.slice(this.queryStart, this.queryEnd);
  }

  /** A field's value, several of the name joined as a list; undefined where there is none. */
  header(name: string): string | undefined {
    const { text } = this;
    const wanted = name.toLowerCase();
    let found: string | undefined;
    let at = text.indexOf("\r\n") + 2;
    while (at < text.length - 2) {
      const end = text.indexOf("\r\n", at);
      const colon = text.indexOf(":", at);
      if (colon - at === wanted.length && text.slice(at, colon).toLowerCase() === wanted) {
        const value = text.slice(colon + 1, end).trim();
        found = found === undefined ? value : `${found}, ${value}`;
      }
      at = end + 2;
    }
    return found;
  }
}

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_NAME = METHOD;

/**
 * The head in `text` (one character a byte, up to and with its empty line, no other line ends than
 * CR LF: as {@linkcode findHeadEnd} found it).
 */
export function parseRequestHead(text: string): RequestHead | HttpFault {
  const lineEnd = text.indexOf("\r\n");
  const methodEnd = text.indexOf(" ");
  const targetEnd = text.lastIndexOf(" ", lineEnd);
  if (methodEnd < 1 || methodEnd > lineEnd || targetEnd === methodEnd) {
    return bad("the request line must be: method, target, HTTP version");
  }
  const method = text.startsWith("GET ") ? "GET" : text.slice(0, methodEnd);
  if (method !== "GET" && !METHOD.test(method)) return bad("the method is no token");
  const version = text.slice(targetEnd + 1, lineEnd);
  const modern = version === "HTTP/1.1";
  if (!modern && version !== "HTTP/1.0") {
    const isOther = /^HTTP\/\d\.\d$/.test(version);
    if (!isOther) return bad("the request line must end in HTTP/1.1");
    return { status: 505, reason: "this server speaks HTTP/1.1" };
  }
  if (targetEnd - methodEnd - 1 > MAX_TARGET) {
    return { status: 414, reason: `a URL may have at most ${MAX_TARGET} bytes` };
  }
  const pathStart = findPath(text, methodEnd + 1, targetEnd);
  if (pathStart < 0) return bad("the target must be a path");
  const question = text.indexOf("?", pathStart);
  const hasQuery = question >= 0 && question < targetEnd;
  const pathEnd = hasQuery ? question : targetEnd;
  const head = new RequestHead(text, {
    method,
    path: text.slice(pathStart, pathEnd),
    queryStart: hasQuery ? question + 1 : targetEnd,
    queryEnd: targetEnd,
    modern,
  });
  return readFields(head, lineEnd + 2) ?? head;
}

/** Where the path begins in a target that may name the host too; -1 where there is none. */
function findPath(text: string, start: number, end: number): number {
  if (text.indexOf(" ", start) !== end || text.lastIndexOf("\t", end) >= 0) return -1;
  if (text.startsWith("/", start)) return start;
  if (!/^https?:\/\//i.test(text.slice(start, start + 8))) return -1;
  const path = text.indexOf("/", text.indexOf("://", start) + 3);
  return path > 0 && path < end ? path : -1;
}

/** Reads what decides about the body and the connection. */
function readFields(head: RequestHead, start: number): HttpFault | undefined {
  const { text } = head;
  const last = text.length - 2;
  let hosts = 0;
  let length: string | undefined;
  let coding: string | undefined;
  for (let at = start; at < last;) {
    const end = text.indexOf("\r\n", at);
    const colon = text.indexOf(":", at);
    if (colon <= at || colon > end) return bad("a header field needs a name and a colon");
    switch (colon - at) {
      case 4:
        if (is(text, at, colon, "host")) hosts++;
        break;
      case 6:
        if (is(text, at, colon, "expect")) {
          if (value(text, colon, end).toLowerCase() !== "100-continue") {
            return { status: 417, reason: "the only expectation met here is 100-continue" };
          }
          head.expectsContinue = head.isModern;
        }
        break;
      case 10:
        if (is(text, at, colon, "connection")) readConnection(head, value(text, colon, end));
        break;
      case 14:
        if (is(text, at, colon, "content-length")) {
          const given = value(text, colon, end);
          if (length !== undefined && length !== given) return bad("Content-Length is there twice");
          length = given;
        }
        break;
      case 17:
        if (is(text, at, colon, "transfer-encoding")) {
          if (coding !== undefined) return bad("Transfer-Encoding is there twice");
          coding = value(text, colon, end).toLowerCase();
        }
    }
    if (!FIELD_NAME.test(text.slice(at, colon))) return bad("a header field's name is no token");
    at = end + 2;
  }
  if (hosts !== 1 && (head.isModern || hosts > 1)) return bad("one Host header field is needed");
  return readBodyLength(head, length, coding);
}

function readBodyLength(
  head: RequestHead,
  length: string | undefined,
  coding: string | undefined,
): HttpFault | undefined {
  if (coding !== undefined) {
    // Two answers to where the body ends would let a request hide in it (RFC 9112, 6.3).
    if (length !== undefined) return bad("Content-Length and Transfer-Encoding exclude each other");
    if (!head.isModern) return bad("HTTP/1.0 knows no Transfer-Encoding");
    if (coding !== "chunked") {
      return { status: 501, reason: "the only transfer coding known here is chunked" };
    }
    head.bodyLength = -1;
  } else if (length !== undefined) {
    if (!/^\d{1,15}$/.test(length)) return bad("Content-Length must be a number");
    head.bodyLength = Number(length);
  }
  return undefined;
}

function readConnection(head: RequestHead, options: string): void {
  if (options === "close") head.keepsAlive = false;
  else if (options === "keep-alive") head.keepsAlive = true;
  else {
    const list = options.toLowerCase().split(",").map((option) => option.trim());
    if (list.includes("close")) head.keepsAlive = false;
    else if (list.includes("keep-alive")) head.keepsAlive = true;
  }
}

/** Whether the name from `at` to `colon` is `name` (given in small letters). */
function is(text: string, at: number, colon: number, name: string): boolean {
  return text.startsWith(name, at) || text.slice(at, colon).toLowerCase() === name;
}

function value(text: string, colon: number, end: number): string {
  return text.slice(colon + 1, end).trim();
}

function bad(reason: string): HttpFault {
  return { status: 400, reason };
}
