/**
 * What the HTTP server answers: a list of routes, each a path and what is said there.
 *
 * @module
 */
import type { RequestHead } from "../../protocol/http_head.ts";
import type { HttpReply } from "../logic/http_reply.ts";

/** A request, as routes see it. */
export interface HttpRequest {
  readonly head: RequestHead;
  /** What came in, with the head from `at` on: good until `respond` returns, not later. */
  readonly input: Uint8Array;
  readonly at: number;
  /** Who asks: 4 or 16 bytes. Behind proxies of ours it is who asked them. */
  readonly address: Uint8Array;
  /** The same as text. */
  readonly remote: string;
  /** What a POST brought; otherwise empty. */
  readonly body: Uint8Array;
}

/** One place on the server. GET answers HEAD too. */
export interface Route {
  readonly method: "GET" | "POST";
  /** The path itself, or all below it: `/assets/*`. */
  readonly path: string;
  /** The largest body taken, bytes. */
  readonly maxBody?: number;
  /** Asked before a body is read: a reply here refuses it. */
  admit?(request: HttpRequest): HttpReply | undefined;
  /** What it throws is a fault of ours: the client hears "internal error". */
  respond(request: HttpRequest): HttpReply | Promise<HttpReply>;
}

/** Routes by path. */
export class RouteTable {
  readonly #exact = new Map<string, Route[]>();
  readonly #below: Route[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.path.endsWith("/*")) this.#below.push(route);
      else this.#exact.set(route.path, [...this.#exact.get(route.path) ?? [], route]);
    }
  }

  /** The routes at a path, whatever their method. */
  at(path: string): readonly Route[] {
    return this.#exact.get(path) ??
      this.#below.filter((route) => path.startsWith(route.path.slice(0, -1)));
  }
}

/** Nothing brought. */
export const NO_BODY: Uint8Array = new Uint8Array();
