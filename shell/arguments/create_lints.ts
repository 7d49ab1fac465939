/**
 * Lints of a new or changed .torrent: legal, but rarely meant. Each has a name to allow it by. Pure.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/format.ts";
import { didYouMean } from "../base/did_you_mean.ts";

/** What is looked at. */
export interface NewTorrentFacts {
  readonly private: boolean;
  readonly trackers: number;
  /** Bytes; known before hashing where it was given. */
  readonly pieceLength: number | undefined;
  readonly pieceCount: number | undefined;
}

const MAX_COMMON_PIECE = 16 << 20;
/** More do not fit into the 32 KiB frame that some clients accept a bitfield in. */
const MAX_COMMON_PIECES = 262_144;

/** Name → sentence where it applies. */
export const LINTS = {
  "private-trackerless": (torrent: NewTorrentFacts) =>
    torrent.private && torrent.trackers === 0
      ? "a private torrent without a tracker: no peer can be found. Add --tracker"
      : undefined,
  "large-piece-length": ({ pieceLength }: NewTorrentFacts) =>
    pieceLength !== undefined && pieceLength > MAX_COMMON_PIECE
      ? `pieces of ${formatBytes(pieceLength)}: some clients take no more than 16 MiB`
      : undefined,
  "many-pieces": ({ pieceCount }: NewTorrentFacts) =>
    pieceCount !== undefined && pieceCount > MAX_COMMON_PIECES
      ? `${formatCount(pieceCount, "piece")}: some clients cannot read so long a bitfield. ` +
        "Take a larger --piece-length"
      : undefined,
} as const;

export type LintName = keyof typeof LINTS;

export function isLint(name: string): name is LintName {
  return Object.hasOwn(LINTS, name);
}

/** What `--allow` names. @throws {UsageError} for a name that is none */
export function allowedLints(allow: readonly string[] = []): readonly string[] {
  const wrong = allow.find((name) => !isLint(name));
  if (wrong === undefined) return allow;
  throw new UsageError(
    `--allow is "${wrong}": there is ${Object.keys(LINTS).join(", ")}.` +
      didYouMean(wrong, Object.keys(LINTS)),
  );
}

/** The first objection that was not allowed, as a sentence that says how to allow it. */
export function objection(
  torrent: NewTorrentFacts,
  allowed: readonly string[],
): string | undefined {
  for (const [name, lint] of Object.entries(LINTS)) {
    const problem = allowed.includes(name) ? undefined : lint(torrent);
    if (problem !== undefined) return `This would be ${problem}, or --allow ${name}`;
  }
  return undefined;
}
