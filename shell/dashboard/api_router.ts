/**
 * The API's table of routes, served: `/api/v1/torrents/{info_hash}` and the like.
 *
 * @module
 */
import { SelectionError, StorageError } from "../../peer/mod.ts";
import {
  type HttpReply,
  type HttpRequest,
  jsonReply,
  refusal,
  type Route,
} from "../../tracker/mod.ts";
import { UsageError } from "../base/errors.ts";
import { isExpected, sentenceOf } from "../base/exit_status.ts";
import { type Guard, turnAway, withSafeHeaders } from "./guard.ts";

/** Where the API lies. */
export const API = "/api/v1";

/** A request for one row of the table. */
export interface ApiCall {
  readonly request: HttpRequest;
  /** What stands for the names in braces. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Whether the body is JSON by its type. */
  readonly isJson: boolean;
  /** The body as a JSON object. @throws {UsageError} where it is none */
  json(): Readonly<Record<string, unknown>>;
}

/** One row of the table. */
export interface ApiRoute {
  readonly method: "GET" | "POST";
  /** Behind {@linkcode API}: `/torrents/{info_hash}/pause`. */
  readonly path: string;
  /** The largest body, bytes. Default for POST: 64 KiB. */
  readonly maxBody?: number;
  respond(call: ApiCall): HttpReply | Promise<HttpReply>;
}

const SMALL_BODY = 64 * 1024;

/** The routes of an HTTP server that serve a table, as far as `guard` lets somebody in. */
export function apiRoutes(table: readonly ApiRoute[], guard: Guard): readonly Route[] {
  const rows = table.map((route) => ({ route, pattern: patternOf(route.path) }));
  const find = (method: string, path: string) => {
    for (const { route, pattern } of rows) {
      const match = pattern.exec(path);
      if (match !== null && route.method === method) return { route, match };
    }
    return undefined;
  };
  const allowed = (path: string) => rows.filter(({ pattern }) => pattern.test(path));
  const unknown = (path: string): HttpReply => {
    const methods = allowed(path).map(({ route }) => route.method);
    if (methods.length === 0) return withSafeHeaders(refusal(404, "this API has no such path"));
    const reply = refusal(405, `this path takes ${methods.join(" and ")}`);
    return withSafeHeaders({ ...reply, headers: { "Allow": methods.join(", ") } });
  };
  const serve = (method: "GET" | "POST"): Route => ({
    method,
    path: `${API}/*`,
    maxBody: Math.max(SMALL_BODY, ...table.map((route) => route.maxBody ?? 0)),
    admit: (request) => {
      const { head } = request;
      const stranger = turnAway(request, method === "GET" ? "read" : "change", guard);
      if (stranger !== undefined) return stranger;
      const found = find(method, head.path);
      if (found === undefined) return unknown(head.path);
      const limit = found.route.maxBody ?? SMALL_BODY;
      if (head.bodyLength <= limit && (head.bodyLength >= 0 || limit > SMALL_BODY)) return;
      return withSafeHeaders(refusal(413, `the body may have at most ${limit} bytes`));
    },
    respond: async (request) => {
      const { route, match } = find(method, request.head.path)!;
      try {
        const call = callOf(request, match.groups ?? {});
        return withSafeHeaders(await route.respond(call));
      } catch (error) {
        const reply = failure(error);
        if (reply === undefined) throw error;
        return withSafeHeaders(reply);
      }
    },
  });
  return [serve("GET"), serve("POST")];
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${API}${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]{1,256})")}$`);
}

function callOf(request: HttpRequest, params: Readonly<Record<string, string>>): ApiCall {
  const { head, body } = request;
  const isJson = /^application\/json(;|$)/i.test(head.header("content-type") ?? "");
  return {
    request,
    params,
    query: new URLSearchParams(head.query),
    isJson,
    json() {
      if (body.length === 0) return {};
      if (!isJson) throw new UsageError("Send the body as Content-Type: application/json");
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
      } catch (error) {
        throw new UsageError("The body is not JSON", { cause: error });
      }
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new UsageError("The body is not a JSON object");
      }
      return value as Record<string, unknown>;
    },
  };
}

/** What people can do something about, with its status; undefined for a fault of ours. */
function failure(error: unknown): HttpReply | undefined {
  if (!(error instanceof Error) || !isExpected(error)) return undefined;
  return refusal(statusOf(error), sentenceOf(error));
}

function statusOf(error: Error): number {
  if (error instanceof UsageError || error instanceof SelectionError) return 400;
  if (["BencodeError", "MetainfoError", "MagnetError"].includes(error.name)) return 400;
  if (error.name === "AlreadyAddedError" || error instanceof Deno.errors.AlreadyExists) return 409;
  if (error.name === "UnknownTorrentError" || error instanceof Deno.errors.NotFound) return 404;
  if (error instanceof StorageError) return error.kind === "full" ? 507 : 409;
  if (error instanceof Deno.errors.PermissionDenied) return 403;
  return 422;
}

/** A text of a JSON body. @throws {UsageError} */
export function textOf(
  body: Readonly<Record<string, unknown>>,
  key: string,
): string | undefined {
  return read(body, key, "string", "a text");
}

/** True or false of a JSON body. @throws {UsageError} */
export function switchOf(
  body: Readonly<Record<string, unknown>>,
  key: string,
): boolean | undefined {
  return read(body, key, "boolean", "true or false");
}

/** A number of a JSON body. @throws {UsageError} */
export function numberOf(body: Readonly<Record<string, unknown>>, key: string): number | undefined {
  return read(body, key, "number", "a number");
}

/** Bytes per second of a JSON body. @throws {UsageError} */
export function rateOf(body: Readonly<Record<string, unknown>>, key: string): number | undefined {
  const rate: number | undefined = read(body, key, "number", "a number of bytes per second");
  if (rate === undefined || (Number.isSafeInteger(rate) && rate >= 0)) return rate;
  throw new UsageError(`"${key}" is ${rate}: give whole bytes per second, 0 for no limit`);
}

function read<T>(
  body: Readonly<Record<string, unknown>>,
  key: string,
  type: "string" | "boolean" | "number",
  words: string,
): T | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  const given = typeof value;
  if (given === type) return value as T;
  throw new UsageError(`"${key}" must be ${words}`);
}

/** Done, with nothing more to say. */
export const DONE: HttpReply = jsonReply(200, { ok: true });
