/**
 * Torrent kind: v1, hybrid or v2.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import type { FlagValues } from "./flags.ts";

/** Flags that say it. */
export const KIND_FLAGS = ["v1", "hybrid", "v2"] as const;

/** What was asked for; v1 reaches most clients. @throws {UsageError} for more than one */
export function kindOf(flags: FlagValues): (typeof KIND_FLAGS)[number] {
  const kinds = KIND_FLAGS.filter((kind) => flags[kind]);
  if (kinds.length > 1) throw new UsageError(`--${kinds.join(" and --")}: choose one of them`);
  return kinds[0] ?? "v1";
}
