/**
 * The ways in which a command can fail by the shell's own judgement.
 *
 * @module
 */

/** What was typed cannot be done: unknown verb or flag, a value that is none. Exit status 28. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Why a command did not do what it was asked to. Decides the exit status. */
export type FailureKind =
  | "failed"
  | "timed-out"
  | "unfinished"
  | "disk-full"
  | "file-exists"
  | "bad-torrent"
  | "unverified"
  | "cannot-tell";

/** An expected failure, with a sentence that names the thing and the next step. */
export class CommandError extends Error {
  override name = "CommandError";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
