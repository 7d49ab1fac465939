/**
 * Ranges of files from web servers (BEP 19), with the care that URLs from strangers need.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { formatHostPort, parseIp } from "../../protocol/compact.ts";
import { parseRetryAfter } from "./retry_after.ts";
import { cutText } from "../../protocol/cut_text.ts";
import { forbiddenUrl, isLocalIp, NO_HOST } from "../../protocol/web_seed.ts";

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
  #http: Deno.HttpClient | undefined;

  /** @param agent what we call ourselves */
  constructor(agent: string) {
    this.#agent = agent;
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
    this.#http?.close();
    this.#http = undefined;
  }

  /** Follows redirects to an answer that has the range. */
  async #open(first: string, request: WebRequest): Promise<ReadableStream<Uint8Array>> {
    const { offset, length, signal } = request;
    let url = new URL(first);
    let from: { isLocal: boolean } | undefined;
    for (let hops = 0;; hops++) {
      const addresses = await resolve(url.hostname);
      const reason = forbiddenUrl(url, addresses, from);
      if (reason !== undefined) {
        const which = hops === 0 ? "" : ` (redirected to ${url.host})`;
        throw new WebSeedError(reason === NO_HOST ? "failed" : "refused", reason + which);
      }
      signal.throwIfAborted();
      const response = await this.#fetch(url, addresses[0]!, {
        range: `bytes=${offset}-${offset + length - 1}`,
      }, signal);
      const location = response.headers.get("location");
      if (location === null || response.status < 300 || response.status > 399) {
        return await bodyOf(response, request);
      }
      await response.body?.cancel();
      if (hops === MAX_REDIRECTS) throw new WebSeedError("refused", "it redirects in circles");
      const next = URL.parse(location, url.href);
      if (next === null) throw new WebSeedError("refused", "it redirects to no web address");
      from = { isLocal: addresses.some(isLocalIp) };
      url = next;
    }
  }

  /**
   * Asks at the very address that was checked: a name may stand for another a moment later. Over TLS
   * the name goes as it is, since only who has its certificate is heard.
   */
  async #fetch(
    url: URL,
    address: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Response> {
    this.#http ??= Deno.createHttpClient({ allowHost: true });
    const at = new URL(url);
    if (url.protocol === "http:") at.host = formatHostPort(address, Number(url.port || 80));
    return await fetch(at, {
      client: this.#http,
      headers: {
        "host": url.host,
        "user-agent": this.#agent,
        "accept-encoding": "identity",
        ...headers,
      },
      redirect: "manual",
      signal,
    });
  }
}

/** The addresses of a host; none where it has none. */
async function resolve(host: string): Promise<string[]> {
  const literal = host.replace(/^\[|\]$/g, "");
  if (parseIp(literal) !== undefined) return [literal];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // the caller says that there is no such host
  }
}

/** The answer's body, where it is what was asked for. */
async function bodyOf(
  response: Response,
  { offset, length, size }: WebRequest,
): Promise<ReadableStream<Uint8Array>> {
  const { status, headers, body } = response;
  let problem: WebSeedError | undefined;
  if (status === 206) {
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
  if (/certificate|tls/i.test(text)) return "its TLS certificate is not trusted";
  if (/reset|closed|eof|incomplete|body/i.test(text)) return "it hung up";
  return error instanceof Error ? error.message : text;
}
