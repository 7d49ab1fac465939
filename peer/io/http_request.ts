/**
 * One HTTP request with a bounded reply and errors that people understand.
 *
 * @module
 */
import { concatBytes } from "../../protocol/concat_bytes.ts";
import { cutText } from "../../protocol/cut_text.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { type Errand, NO_HOST } from "../logic/destination.ts";
import { CheckedFetch, DestinationError, type NameTrust } from "./checked_fetch.ts";
import { parseRetryAfter } from "./retry_after.ts";

/** How many redirects are followed. */
const MAX_REDIRECTS = 3;

/** What to ask of whom. */
export interface HttpRequestOptions {
  /** How errors call the other end: `tracker http://…`. */
  readonly what: string;
  readonly errand: Errand;
  /** The URL as it was named and what for, where that differs from what is asked. */
  readonly named?: { readonly url: string; readonly errand: Errand };
  /** A person typed it: it is believed, only redirects are not. */
  readonly isTyped: boolean;
  readonly trust?: NameTrust | undefined;
  readonly signal: AbortSignal;
  /** The longest reply read, in bytes. */
  readonly maxBytes: number;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Called with each request, redirects among them. */
  readonly watch?: HttpWatcher | undefined;
}

/**
 * Sees a request and the address it goes to; what it gives sees the answer, and is disposed of when
 * the exchange is over.
 */
export type HttpWatcher = (url: URL, method: string, address: string) => WatchedRequest;

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
  /** Of the server that gave it. */
  readonly address: string;
}

/** @throws {TrackerError} where nobody answers, in time, with no more than `maxBytes` */
export async function request(url: string, options: HttpRequestOptions): Promise<HttpReply> {
  const { what, signal, maxBytes, method = "GET", named, watch } = options;
  using http = new CheckedFetch(options.trust);
  using watching = new DisposableStack();
  try {
    const { response, watched, address } = await http.fetch(new URL(url), {
      ...options,
      named: named && { ...named, url: new URL(named.url.replace(/^udp:/, "http:")) },
      maxRedirects: MAX_REDIRECTS,
      onRequest: (at, address) => watching.use(watch?.(at, method, address)),
      onRedirect: (response, watched) => watched?.answered(response, new Uint8Array()),
    });
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
    return { status: response.status, retryAfter, body: bytes, address };
  } catch (error) {
    if (error instanceof TrackerError) throw error;
    if (error instanceof DestinationError) throw refusal(what, error);
    throw new TrackerError(`Cannot reach ${what}: ${reasonOf(error, signal)}`, { cause: error });
  }
}

/** What is wrong with where we were sent; a URL that may never be asked is not tried again. */
export function refusal(what: string, error: DestinationError): TrackerError {
  const { message, redirectedTo, isPassing } = error;
  const text = redirectedTo !== undefined
    ? `Cannot ask ${what}: ${message} (it redirects to ${cutText(redirectedTo)})`
    : message === NO_HOST
    ? `Cannot reach ${what}: no such host; check the name`
    : `Not asked, ${what}: ${message}`;
  return new TrackerError(text, { cause: error, ...(!isPassing && { retryIn: "never" }) });
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
  if (/unreachable/i.test(text)) return "network unreachable";
  if (/reset|closed|eof|incomplete/i.test(text)) return "it hung up";
  if (/corrupt message/i.test(text)) return "it does not speak TLS";
  if (/certificate|tls/i.test(text)) return "its TLS certificate is not trusted";
  if (/dns|lookup|resolve/i.test(text)) return "no such host; check the name";
  return error instanceof Error ? error.message : text;
}
