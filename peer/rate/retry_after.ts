/**
 * Retry-After (RFC 9110): when an HTTP server wants the next request.
 *
 * @module
 */
import { LONGEST_WAIT } from "./server_backoff.ts";

/**
 * The seconds that an HTTP header `Retry-After` asks for, as a number or as a date (RFC 9110);
 * undefined for anything else.
 *
 * @param now ms since the epoch
 */
export function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Math.min(LONGEST_WAIT, Number(text));
  // Only HTTP's own form: the runtime would read "-1" and much else as a date.
  const date = /^[A-Z][a-z]{2,8},? .{10,30}$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date)
    ? undefined
    : Math.min(LONGEST_WAIT, Math.max(0, Math.ceil((date - now) / 1000)));
}
