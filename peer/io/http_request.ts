/**
 * One HTTP request with a bounded reply and errors that people understand.
 *
 * @module
 */
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { parseRetryAfter } from "./retry_after.ts";

/** How many redirects are followed. */
const MAX_REDIRECTS = 3;

/** What to ask of whom. */
export interface HttpRequestOptions {
  /** How errors call the other end: `tracker http://…`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** The longest reply read, in bytes. */
  readonly maxBytes: number;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Called with each request, redirects among them. */
  readonly watch?: HttpWatcher | undefined;
}

/** Sees a request; what it gives sees the answer, and is disposed of when the exchange is over. */
export type HttpWatcher = (url: string, method: string) => Promise<WatchedRequest>;

/** One request that was sent. */
export interface WatchedRequest extends Disposable {
  answered(head: Response, body: Uint8Array): void;
}

/** A reply, whatever its status. */
export interface HttpReply {
  readonly status: number;
  /** Seconds that it wants to be left alone. */
  readonly retryAfter: number | undefined;
  readonly body: Uint8Array;
}

/** @throws {TrackerError} where nobody answers, in time, with no more than `maxBytes` */
export async function request(url: string, options: HttpRequestOptions): Promise<HttpReply> {
  const { what, signal, maxBytes, method = "GET", headers = {}, body, watch } = options;
  try {
    const { response, watched } = await follow(url, {
      method,
      headers,
      signal,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    }, watch);
    using _watched = watched;
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > maxBytes) {
        throw new TrackerError(`The reply of ${what} is longer than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
    const bytes = concatBytes(chunks);
    watched?.answered(response, bytes);
    const retryAfter = parseRetryAfter(response.headers.get("retry-after"), Date.now());
    return { status: response.status, retryAfter, body: bytes };
  } catch (error) {
    if (error instanceof TrackerError) throw error;
    throw new TrackerError(`Cannot reach ${what}: ${reasonOf(error, signal)}`, { cause: error });
  }
}

/** Fetches, and goes where it is sent a few times. */
async function follow(
  url: string,
  init: RequestInit & { method: string },
  watch: HttpWatcher | undefined,
): Promise<{ response: Response; watched: WatchedRequest | undefined }> {
  for (let hops = 0;; hops++) {
    using stack = new DisposableStack();
    const watched = stack.use(await watch?.(url, init.method));
    const response = await fetch(url, init);
    const location = response.headers.get("location");
    if (location === null || response.status < 300 || response.status > 399) {
      stack.move();
      return { response, watched };
    }
    await response.body?.cancel();
    watched?.answered(response, new Uint8Array());
    if (hops === MAX_REDIRECTS) throw new Error("it redirects in circles");
    url = new URL(location, url).href;
    if (!/^https?:/.test(url)) throw new Error(`it redirects to ${url}`);
  }
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) {
    return signal.reason instanceof DOMException && signal.reason.name === "TimeoutError"
      ? "no answer in time"
      : "stopped";
  }
  const text = error instanceof Error
    ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`
    : String(error);
  if (/refused/i.test(text)) return "connection refused; is it running?";
  if (/dns|lookup|resolve/i.test(text)) return "no such host; check the name";
  if (/unreachable/i.test(text)) return "network unreachable";
  if (/certificate|tls/i.test(text)) return "its TLS certificate is not trusted";
  if (/reset|closed|eof|incomplete/i.test(text)) return "it hung up";
  return error instanceof Error ? error.message : text;
}
