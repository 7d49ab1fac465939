/**
 * Routes of the HTTP server: each has a path and a handler.
 *
 * @module
 */
import type { RequestHead } from "../../protocol/http_head.ts";
import type { MaybePromise } from "../contract/maybe_promise.ts";
import type { HttpReply } from "./http_reply.ts";

/** The query of a request, as it came in. */
export interface HttpQuery {
  /** Where it lies, from `start` to `end`: good until `answer` returns, not later. */
  readonly input: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Who asks: 4 or 16 bytes. Behind proxies of ours it is who asked them. */
  readonly address: Uint8Array;
  /** The same as text. */
  readonly remote: string;
}

/** A request, as routes see it. */
export interface HttpRequest {
  readonly head: RequestHead;
  /** As in {@linkcode HttpQuery}. */
  readonly address: Uint8Array;
  readonly remote: string;
  /** What a POST brought; otherwise empty. */
  readonly body: Uint8Array;
}

/** A path that is asked so often that its requests are read by a way of their own. */
export interface QueryRoute {
  readonly path: string;
  /** What it throws is a fault of ours: the client hears "internal error". */
  answer(query: HttpQuery): MaybePromise<HttpReply>;
}

/** A route that does the same for requests that are not plain. */
export function routeOf({ path, answer }: QueryRoute): Route {
  return {
    method: "GET",
    path,
    respond: ({ head, address, remote }) => {
      const input = new TextEncoder().encode(head.query);
      return answer({ input, start: 0, end: input.length, address, remote });
    },
  };
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
  respond(request: HttpRequest): MaybePromise<HttpReply>;
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
