/**
 * The head of an HTTP/1.1 reply (RFC 9112) as a client reads it: strict about where the body ends.
 *
 * @module
 */

/** The longest head of a reply that is taken, in bytes. */
export const MAX_REPLY_HEAD = 32768;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/;
/** Statuses that have no body, whatever the fields say. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** What a head says. */
export interface ReplyHead {
  readonly status: number;
  readonly statusText: string;
  /** Names as they were written. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Bytes of the body; where they are not told, how its end is: by chunks or by hanging up. */
  readonly body: number | "chunks" | "end";
  /** Whether the connection may be used for another request. */
  readonly keepsAlive: boolean;
}

/**
 * The head in `text` (one character a byte, up to and with its empty line, no other line ends than CR
 * LF); a string for what is wrong with it.
 */
export function parseReplyHead(text: string): ReplyHead | string {
  const [first = "", ...lines] = text.slice(0, -4).split("\r\n");
  const line = STATUS_LINE.exec(first);
  if (line === null) return "it does not answer in HTTP/1.1";
  const fields: [string, string][] = [];
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null) return "a header field of its answer is none";
    fields.push([field[1]!, field[2]!.trim()]);
  }
  const all = (name: string): string[] =>
    fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value.toLowerCase());
  const status = Number(line[2]);
  const body = BODILESS.has(status) || status < 200
    ? 0
    : bodyOf(all("content-length"), all("transfer-encoding"));
  if (typeof body === "string" && body !== "chunks" && body !== "end") return body;
  const options = all("connection").join(",").split(",").map((option) => option.trim());
  const keepsAlive = body !== "end" &&
    (line[1] === "1" ? !options.includes("close") : options.includes("keep-alive"));
  return { status, statusText: line[3] ?? "", fields, body, keepsAlive };
}

function bodyOf(
  lengths: readonly string[],
  codings: readonly string[],
): ReplyHead["body"] | string {
  if (codings.length > 0) {
    // Two answers to where the body ends are none (RFC 9112, section 6.3).
    if (lengths.length > 0) return "its answer has two lengths";
    return codings.join() === "chunked" ? "chunks" : "its answer is coded in an unknown way";
  }
  const [length] = lengths;
  if (length === undefined) return "end";
  if (!/^\d{1,15}$/.test(length) || lengths.some((other) => other !== length)) {
    return "the length of its answer is no number";
  }
  return Number(length);
}
