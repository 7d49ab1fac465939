/**
 * Exit statuses (aria2's numbers, so that scripts carry over) and the sentence for an error.
 *
 * @module
 */
import { BencodeError, MagnetError, MetainfoError } from "../../protocol/mod.ts";
import type { Remedy } from "../../peer/mod.ts";
import { CommandError, type FailureKind, UsageError } from "./errors.ts";
import { type RemedyWords, withRemedy } from "./remedies.ts";

/** Every status the program leaves with. */
export const ExitStatus = {
  done: 0,
  failed: 1,
  timedOut: 2,
  /** Grading: nothing failed, and something could not be told. */
  cannotTell: 5,
  /** Stopped by the first SIGINT or SIGTERM with work unfinished, after saving. */
  unfinished: 7,
  diskFull: 9,
  fileExists: 13,
  badBencode: 25,
  badTorrent: 26,
  badMagnet: 27,
  badOption: 28,
  /** Data does not match its torrent. */
  unverified: 32,
  /** Second Ctrl-C: left at once. */
  interrupted: 130,
} as const;

const STATUS_OF_FAILURE: Record<FailureKind, number> = {
  "failed": ExitStatus.failed,
  "timed-out": ExitStatus.timedOut,
  "unfinished": ExitStatus.unfinished,
  "disk-full": ExitStatus.diskFull,
  "file-exists": ExitStatus.fileExists,
  "bad-torrent": ExitStatus.badTorrent,
  "unverified": ExitStatus.unverified,
  "cannot-tell": ExitStatus.cannotTell,
};

/** The status to leave with after `error`. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError) return ExitStatus.badOption;
  if (error instanceof CommandError) return STATUS_OF_FAILURE[error.kind];
  if (error instanceof BencodeError) return ExitStatus.badBencode;
  if (error instanceof MetainfoError) return ExitStatus.badTorrent;
  if (error instanceof MagnetError) return ExitStatus.badMagnet;
  if (error instanceof Error && BAD_OPTIONS.has(error.name)) return ExitStatus.badOption;
  if (error instanceof Deno.errors.AlreadyExists) return ExitStatus.fileExists;
  if (systemCode(error) === "ENOSPC" || storageKind(error) === "full") return ExitStatus.diskFull;
  return ExitStatus.failed;
}

/** Known by their names: loading who throws them would cost time. */
const BAD_OPTIONS: ReadonlySet<string> = new Set(["SelectionError", "TrackerOptionError"]);

/** The kind of a StorageError, known by its shape: loading the engine to ask would cost time. */
function storageKind(error: unknown): string | undefined {
  return error instanceof Error && error.name === "StorageError" && "kind" in error
    ? String(error.kind)
    : undefined;
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

const EXPECTED = new Set([
  "AlreadyAddedError",
  "BencodeError",
  "CommandError",
  "TcpError",
  "MagnetError",
  "MetainfoError",
  "NoCatalogueError",
  "SelectionError",
  "StorageError",
  "StoreBusyError",
  "TrackerError",
  "TrackerOptionError",
  "TrackerStartError",
  "UnknownTorrentError",
  "UsageError",
]);

/** Whether an error is one that people can meet; anything else is a bug. */
export function isExpected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return EXPECTED.has(error.name) || systemSentence(error) !== undefined;
}

/**
 * One line for people: no stack trace, no class name.
 *
 * @param words how a person goes on, where a program has words for that
 */
export function sentenceOf(error: unknown, words?: RemedyWords): string {
  if (!(error instanceof Error)) return String(error);
  const sentence = EXPECTED.has(error.name)
    ? expectedSentence(error, words)
    : systemSentence(error);
  if (sentence !== undefined) return sentence.replaceAll("\n", " ");
  return `Internal error: ${
    error.message.split("\n")[0]
  } (VTORRENT_DEBUG=1 shows where; please report it)`;
}

/** What has a remedy is known by its shape, too. */
function expectedSentence(
  error: Error & { readonly remedy?: Remedy | undefined },
  words: RemedyWords | undefined,
): string {
  return words === undefined ? error.message : withRemedy(error.message, error.remedy, words);
}

function systemSentence(error: Error): string | undefined {
  const path = /'([^']+)'/.exec(error.message)?.[1] ?? "path" in error ? pathIn(error) : "";
  const named = path === "" ? "" : ` ${path}`;
  if (error instanceof Deno.errors.NotFound) return `No such file or folder:${named}`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Permission denied:${named}. Check its permissions`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    const what = /"([^"]+)"/.exec(error.message)?.[1];
    return `The Deno runtime keeps programs away from ${what ?? "that"}: choose another file`;
  }
  if (error instanceof Deno.errors.AlreadyExists) return `File exists:${named}`;
  if (error instanceof Deno.errors.IsADirectory) return `Is a folder, not a file:${named}`;
  if (error instanceof Deno.errors.NotADirectory) return `Is not a folder:${named}`;
  if (systemCode(error) === "ENOSPC") return `The disk is full. Make room and try again${named}`;
  if (systemCode(error) !== undefined) return error.message.split("\n")[0];
  return undefined;
}

/** The path that Deno puts behind its messages, `…: stat '/the/path'`. */
function pathIn(error: Error): string {
  return /'([^']+)'\s*$/.exec(error.message)?.[1] ?? "";
}
