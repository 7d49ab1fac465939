/**
 * Which explanations are wanted: one kind, one peer, or all. Pure.
 *
 * @module
 */
import { formatHostPort } from "../../protocol/mod.ts";
import type { UserBan } from "../../peer/mod.ts";
import type { Explained } from "./explainer.ts";

/** What may be asked for alone. */
export const EXPLAINED_KINDS = ["decisions", "messages"] as const;

/** What is wanted; all of it where nothing is named. */
export interface ExplainFilter {
  /** `messages` are those with trackers, too, and how connections end. */
  readonly only?: typeof EXPLAINED_KINDS[number] | undefined;
  readonly peer?: {
    /** How the person called it. */
    readonly typed: string;
    readonly label: string;
    readonly address: string;
  } | undefined;
}

/** The filter's peer: by its name also when it comes back from another port, else by its address. */
export function filteredPeer({ label, host, port }: UserBan, typed: string): ExplainFilter["peer"] {
  return { typed, label, address: formatHostPort(host, port) };
}

/** Whether a line is to be shown. */
export function isWanted(
  { kind, who, address }: Explained,
  { only, peer }: ExplainFilter,
): boolean {
  if (only !== undefined && (kind === "decision") !== (only === "decisions")) return false;
  if (peer === undefined || address === peer.address) return true;
  const isByName = peer.typed.toLowerCase() === peer.label.toLowerCase();
  return isByName && (who === peer.label || who === `peer ${peer.label}`);
}
