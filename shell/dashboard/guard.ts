/**
 * Guard: which requests the dashboard accepts. A browser runs pages of anybody, and they all can reach
 * 127.0.0.1: a foreign name (DNS rebinding), a foreign origin and a request without the secret of
 * the printed address get nothing.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import { classifyIp, parseIp } from "../../protocol/mod.ts";
import { type HttpReply, type HttpRequest, refusal } from "../../tracker/mod.ts";

/** What a request is for: the program's own page, facts, or a change. */
export type Purpose = "page" | "read" | "change";

/** What keeps strangers out. */
export interface Guard {
  /** The secret; undefined where nothing takes one. */
  readonly token: string | undefined;
  /** For what the secret is needed. */
  readonly secret: readonly Purpose[];
  /** Names beside IP addresses and `localhost` that the server may be called by. */
  readonly names: readonly string[];
  /** Whether facts are for this machine and its networks only. */
  readonly nearOnly: boolean;
}

/** Sent with everything: nothing from elsewhere runs in a page, frames it, or reads it. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'none'; " +
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** A secret of 144 bits for an address. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(18))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The rule for a peer's own page; one that other machines reach is secret as a whole. */
export function peerGuard(host: string, token: string): Guard {
  const secret: Purpose[] = isLoopbackHost(host) ? ["change"] : ["read", "change"];
  return { token, secret, names: [host.toLowerCase()], nearOnly: false };
}

/** Why a request is turned away; undefined where it may go on. */
export function turnAway(
  { head, address }: Pick<HttpRequest, "head" | "address">,
  purpose: Purpose,
  guard: Guard,
): HttpReply | undefined {
  const host = head.header("host") ?? "";
  if (!isOwnName(host, guard.names)) {
    return refused(403, "this server does not have that name: use the address that it printed");
  }
  const isNear = ["loopback", "private", "link-local"].includes(classifyIp(address));
  if (guard.nearOnly && purpose !== "page" && !isNear) {
    return refused(403, "only addresses of this network may see this");
  }
  const origin = head.header("origin");
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return refused(403, "pages of other origins may not use this server");
  }
  const site = head.header("sec-fetch-site") ?? "none";
  const isVisit = purpose === "page" && head.header("sec-fetch-mode") === "navigate";
  if (site !== "none" && site !== "same-origin" && !isVisit) {
    return refused(403, "pages of other origins may not use this server");
  }
  if (guard.secret.includes(purpose) && !hasToken(head.header("authorization"), guard.token)) {
    return refused(
      401,
      "this needs the secret in the printed address: send it as Authorization: Bearer <TOKEN>",
    );
  }
  return undefined;
}

function refused(status: number, error: string): HttpReply {
  return withSafeHeaders(refusal(status, error));
}

/** The reply, safe to show in a browser. */
export function withSafeHeaders(reply: HttpReply): HttpReply {
  return { ...reply, headers: { ...SAFE_HEADERS, ...reply.headers } };
}

/**
 * Whether a Host field can only mean this server. An attacker's page is reached by a public name that
 * is pointed here afterwards; addresses, `localhost` and names that no public zone has cannot be.
 */
export function isOwnName(host: string, names: readonly string[]): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i.exec(host);
  if (match === null) return false;
  if (names.includes("*")) return true;
  const name = match[1]!.toLowerCase().replace(/\.$/, "");
  if (parseIp(name.replace(/^\[|\]$/g, "")) !== undefined) return true;
  if (!name.includes(".") && /[a-z]/.test(name)) return true;
  return names.includes(name) || /\.(localhost|local|lan|internal|home\.arpa)$/.test(name);
}

/** Whether only this machine reaches a server that listens there. */
export function isLoopbackHost(host: string): boolean {
  if (host.toLowerCase() === "localhost") return true;
  const ip = parseIp(host);
  return ip !== undefined && classifyIp(ip) === "loopback";
}

function hasToken(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return false;
  const given = new TextEncoder().encode(/^Bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "");
  const wanted = new TextEncoder().encode(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
