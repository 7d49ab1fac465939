/**
 * Ranges of files from web servers (BEP 19), with the care that URLs from strangers need.
 *
 * @module
 */
import { cutText } from "../../protocol/cut_text.ts";
import { NO_HOST } from "../logic/destination.ts";
import { CheckedFetch, DestinationError, type NameTrust } from "./checked_fetch.ts";
import { parseRetryAfter } from "./retry_after.ts";

/** How many redirects are followed. */
const MAX_REDIRECTS = 5;

/**
 * Why a web server gave no bytes, as a sentence.
 *
 * - `"failed"`: worth another try later
 * - `"missing"`: it does not have this file
 * - `"refused"`: it can never be of use
 */
export class WebSeedError extends Error {
  override name = "WebSeedError";
  readonly kind: "failed" | "missing" | "refused";
  /** Seconds that it wants to be left alone. */
  readonly pause: number | undefined;

  constructor(
    kind: WebSeedError["kind"],
    message: string,
    options: ErrorOptions & { pause?: number | undefined } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.pause = options.pause;
  }
}

/** What to fetch, in bytes. */
export interface WebRequest {
  readonly offset: number;
  readonly length: number;
  /** The whole file's size. */
  readonly size: number;
  readonly signal: AbortSignal;
}

/** Asks web servers; connections are kept and used again until it is disposed. */
export class WebClient implements Disposable {
  readonly #agent: string;
  readonly #http: CheckedFetch;

  /** @param agent what we call ourselves */
  constructor(agent: string, trust: NameTrust = {}) {
    this.#agent = agent;
    this.#http = new CheckedFetch({ ...trust, keeps: true });
  }

  /**
   * The bytes of a range as they come: exactly as many as asked for.
   *
   * @throws {WebSeedError}
   */
  async *get(url: string, request: WebRequest): AsyncGenerator<Uint8Array> {
    const { length, signal } = request;
    try {
      const body = await this.#open(url, request);
      let left = length;
      for await (const chunk of body) {
        left -= chunk.length;
        if (left < 0) throw new WebSeedError("failed", "it sends more than was asked for");
        yield chunk;
      }
      if (left > 0) throw new WebSeedError("failed", `it stopped ${left} bytes early`);
    } catch (error) {
      if (error instanceof WebSeedError) throw error;
      signal.throwIfAborted();
      throw new WebSeedError("failed", reasonOf(error), { cause: error });
    }
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }

  /** Follows redirects to an answer that has the range. */
  async #open(url: string, request: WebRequest): Promise<ReadableStream<Uint8Array>> {
    const { offset, length, signal } = request;
    try {
      const { response } = await this.#http.fetch(new URL(url), {
        errand: "file",
        maxRedirects: MAX_REDIRECTS,
        headers: {
          "user-agent": this.#agent,
          "accept-encoding": "identity",
          range: `bytes=${offset}-${offset + length - 1}`,
        },
        signal,
      });
      return await bodyOf(response, request);
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error;
      const { message, redirectedTo } = error;
      const which = redirectedTo === undefined ? "" : ` (redirected to ${cutText(redirectedTo)})`;
      throw new WebSeedError(message === NO_HOST ? "failed" : "refused", message + which);
    }
  }
}

/** The answer's body, where it is what was asked for. */
async function bodyOf(
  response: Response,
  { offset, length, size }: WebRequest,
): Promise<ReadableStream<Uint8Array>> {
  const { status, headers, body } = response;
  let problem: WebSeedError | undefined;
  const packing = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if ((status === 206 || status === 200) && packing !== "identity") {
    // Ranges of a packed file are none of the file, and what is inside may be any length.
    problem = new WebSeedError("refused", `it packs what it sends (${cutText(packing)})`);
  } else if (status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    if (range === null || Number(range[1]) !== offset || Number(range[2]) !== offset + length - 1) {
      problem = new WebSeedError("refused", "it answers with another range");
    } else if (range[3] !== "*" && Number(range[3]) !== size) {
      problem = new WebSeedError("missing", `its file has ${range[3]} bytes, ${size} are due`);
    }
  } else if (status === 200) {
    const whole = Number(headers.get("content-length") ?? size);
    if (offset !== 0 || length !== size) {
      problem = new WebSeedError("refused", "it gives whole files only, not ranges (RFC 9110)");
    } else if (whole !== size) {
      problem = new WebSeedError("missing", `its file has ${whole} bytes, ${size} are due`);
    }
  } else {
    const text = cutText(`${status} ${response.statusText}`.trim());
    if (status === 404 || status === 410 || status === 416) {
      problem = new WebSeedError("missing", text);
    } else if (status === 408 || status === 429 || status >= 500) {
      problem = new WebSeedError("failed", text, {
        pause: parseRetryAfter(headers.get("retry-after"), Date.now()),
      });
    } else problem = new WebSeedError("refused", text);
  }
  if (problem === undefined && body !== null) return body;
  await body?.cancel();
  throw problem ?? new WebSeedError("failed", "it answers without a body");
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error
    ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`
    : String(error);
  if (/refused/i.test(text)) return "connection refused";
  if (/unreachable/i.test(text)) return "network unreachable";
  if (/reset|closed|eof|incomplete|body/i.test(text)) return "it hung up";
  if (/corrupt message/i.test(text)) return "it does not speak TLS";
  if (/certificate|tls/i.test(text)) return "its TLS certificate is not trusted";
  return error instanceof Error ? error.message : text;
}
