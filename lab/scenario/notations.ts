/**
 * Notations of a scenario's own: when members arrive, and how long they stay.
 *
 * @module
 */
import { milliseconds } from "../jsonc/notations.ts";
import type { Stay } from "./run_plan.ts";

/** When the members of a group arrive, in ms since the start. */
export type Arrival =
  | { readonly is: "at"; readonly at: number }
  | { readonly is: "uniform"; readonly from: number; readonly to: number }
  /** One after the other, so many each second on average. */
  | { readonly is: "poisson"; readonly perSecond: number; readonly from: number }
  /** One after the other, so many ms apart. */
  | { readonly is: "every"; readonly gap: number };

/** `2s`, `uniform 0s-3s`, `poisson 0.5/s`, `every 10s`; undefined: it is none. */
export function readArrival(text: string): Arrival | undefined {
  const words = text.split(" ");
  const at = milliseconds(text);
  if (at !== undefined) return { is: "at", at };
  if (words.length !== 2) return undefined;
  const [kind, rest] = words as [string, string];
  if (kind === "every") {
    const gap = milliseconds(rest);
    return gap === undefined ? undefined : { is: "every", gap };
  }
  if (kind === "uniform") {
    const [from, to] = rest.split("-").map(milliseconds);
    if (from === undefined || to === undefined || to < from) return undefined;
    return { is: "uniform", from, to };
  }
  const rate = /^(\d{1,4}(?:\.\d{1,4})?)\/s$/.exec(rest);
  if (kind !== "poisson" || rate === null || Number(rate[1]) <= 0) return undefined;
  return { is: "poisson", perSecond: Number(rate[1]), from: 0 };
}

/** `until end`, `until all`, `until complete`, `until complete + 30s`, `2m`. */
export function readStay(text: string): Stay | undefined {
  const ms = milliseconds(text);
  if (ms !== undefined) return { until: "time", ms };
  const match = /^until (end|all|complete)(?: \+ (\S+))?$/.exec(text);
  if (match === null) return undefined;
  const then = match[2] === undefined ? 0 : milliseconds(match[2]);
  if (match[1] === "complete") return then === undefined ? undefined : { until: "complete", then };
  return match[2] === undefined ? { until: match[1] as "end" | "all" } : undefined;
}
