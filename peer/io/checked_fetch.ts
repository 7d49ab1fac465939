/**
 * HTTP to servers that a torrent, a link, a reply or a redirect named: each name is looked up once,
 * and what was checked is what is called.
 *
 * @module
 */
import { formatHostPort, parseIp } from "../../protocol/compact.ts";
import { scopeOf } from "../logic/address_scope.ts";
import { type Errand, forbidden, NO_HOST, type RedirectOrigin } from "../logic/destination.ts";
import { firstReachable } from "./first_reachable.ts";
import { PinnedHttps } from "./pinned_https.ts";
import { type Resolve, resolveHost } from "./resolve_host.ts";

/** Why a server is not called. */
export class DestinationError extends Error {
  override name = "DestinationError";
  /** The host, or what else, that a redirect led to; undefined where the first URL is meant. */
  readonly redirectedTo: string | undefined;

  constructor(reason: string, redirectedTo?: string) {
    super(reason);
    this.redirectedTo = redirectedTo;
  }

  /** Whether it may be another time: the network is away, or the name is new. */
  get isPassing(): boolean {
    return this.message === NO_HOST || this.redirectedTo !== undefined;
  }
}

/** How a URL is called. */
export interface CheckedRequest<W> {
  readonly errand: Errand;
  /** The URL as it was named and what for, where that differs from what is called: it is checked. */
  readonly named?: { readonly url: URL; readonly errand: Errand } | undefined;
  /** A person typed it: only where it redirects to is checked. */
  readonly isTyped?: boolean | undefined;
  readonly maxRedirects: number;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
  /** Called before each request with the address that is asked. */
  readonly onRequest?: ((url: URL, address: string) => W) | undefined;
  /** Called with each answer that is a redirect. */
  readonly onRedirect?: ((response: Response, watched: W | undefined) => void) | undefined;
}

/** By what servers are found and trusted. */
export interface NameTrust {
  /** Default: the system's names. */
  readonly resolve?: Resolve | undefined;
  /** PEM of the authorities that are trusted over TLS. Default: the usual ones. */
  readonly caCerts?: readonly string[] | undefined;
}

/** Calls web servers. Connections to names are kept and used again until it is disposed. */
export class CheckedFetch implements Disposable {
  readonly #keeps: boolean;
  readonly #resolve: Resolve;
  readonly #https: PinnedHttps;
  #http: Deno.HttpClient | undefined;

  /** @param keeps whether connections to addresses are kept by it, too, and end with it */
  constructor({ keeps = false, resolve, caCerts }: NameTrust & { keeps?: boolean } = {}) {
    this.#keeps = keeps;
    this.#resolve = resolve ?? resolveHost;
    this.#https = new PinnedHttps(keeps, caCerts);
  }

  /**
   * The answer, after redirects, and the address of the server that gave it.
   *
   * @throws {DestinationError} where it may not or cannot be asked
   * @throws {TypeError} as `fetch` does
   */
  async fetch<W>(
    first: URL,
    request: CheckedRequest<W>,
  ): Promise<{ response: Response; watched: W | undefined; address: string }> {
    const { errand, maxRedirects, signal, method = "GET" } = request;
    let url = first;
    let from: RedirectOrigin | undefined;
    for (let hops = 0;; hops++) {
      const addresses = await this.#resolve(url.hostname, signal);
      signal.throwIfAborted();
      const isTyped = hops === 0 && request.isTyped === true;
      const named = hops === 0 ? request.named ?? { url, errand } : { url, errand };
      const reason = isTyped && addresses.length > 0
        ? undefined
        : forbidden(named.url, addresses, named.errand, from);
      if (reason !== undefined) {
        throw new DestinationError(reason, hops === 0 ? undefined : url.host || url.protocol);
      }
      const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
      const address = await firstReachable(addresses, port, signal);
      const watched = request.onRequest?.(url, address);
      const response = await this.#ask(url, address, request);
      const location = response.headers.get("location");
      if (location === null || response.status < 300 || response.status > 399) {
        return { response, watched, address };
      }
      await response.body?.cancel();
      request.onRedirect?.(response, watched);
      if (hops === maxRedirects) throw new DestinationError("it redirects in circles", url.host);
      const next = URL.parse(location, url.href);
      if (next === null) throw new DestinationError("it redirects to no web address", url.host);
      if (method !== "GET" && next.origin !== url.origin) {
        throw new DestinationError(`it redirects to ${next.host}: give that address`, next.host);
      }
      from = { url, scope: Math.max(...addresses.map(scopeOf)) };
      url = next;
    }
  }

  [Symbol.dispose](): void {
    this.#http?.close();
    this.#http = undefined;
    this.#https[Symbol.dispose]();
  }

  /** Asks at the very address that was checked: a name may stand for another a moment later. */
  async #ask<W>(
    url: URL,
    address: string,
    { method = "GET", headers = {}, body, signal }: CheckedRequest<W>,
  ): Promise<Response> {
    if (url.protocol === "https:") {
      return await this.#https.fetch(url, address, { method, headers, body, signal });
    }
    const at = new URL(url);
    const isName = parseIp(url.hostname.replace(/^\[|\]$/g, "")) === undefined;
    if (isName) at.host = formatHostPort(address, Number(url.port || 80));
    const needsOwn = this.#keeps || isName;
    if (needsOwn) this.#http ??= Deno.createHttpClient({ allowHost: true });
    return await fetch(at, {
      method,
      redirect: "manual",
      signal,
      headers: { ...headers, ...(needsOwn && { host: url.host }) },
      ...(body === undefined ? {} : { body }),
      ...(needsOwn && { client: this.#http! }),
    });
  }
}
