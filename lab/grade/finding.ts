/**
 * Finding of a probe: a failure in the words of the report.
 *
 * @module
 */

/** Bytes that the student's program said, or that a file holds, with the wrong ones marked. */
export interface MarkedBytes {
  readonly bytes: Uint8Array;
  /** First wrong byte and the one behind the last; none where no byte by itself is wrong. */
  readonly wrong?: readonly [from: number, to: number];
  /** Where in a file they begin; left out for those of a connection. */
  readonly offset?: number;
}

/** Why a probe failed, in the words of the report. */
export interface Finding {
  /** What had to follow. */
  readonly expected: string;
  /** What followed. Where nothing did: what was sent, and how long it was waited. */
  readonly seen: string;
  /** The reason, a sentence with the BEP. */
  readonly why: string;
  /** ms since the student's program was started. */
  readonly at?: number;
  /** Which connection, counted from 1, and which of its messages. */
  readonly connection?: number;
  readonly message?: number;
  readonly marked?: MarkedBytes;
  /** A filter for Wireshark that shows the place. */
  readonly filter?: string;
}

/** A probe that failed. */
export class Failure extends Error {
  override name = "Failure";
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`expected ${finding.expected}; seen: ${finding.seen}`);
    this.finding = finding;
  }
}

/** A probe that says nothing about the student's program: the reason in a sentence. */
export class CannotTell extends Error {
  override name = "CannotTell";
}

/**
 * Something that a program need not have, and has not: the probe is left out of the marks, or fails
 * where a rubric demands it.
 */
export class NotOffered extends Error {
  override name = "NotOffered";
  readonly finding: Finding | undefined;

  /**
   * @param reason a sentence without its end
   * @param finding what is told where it is demanded; none where nobody can demand it
   */
  constructor(reason: string, finding?: Finding) {
    super(reason);
    this.finding = finding;
  }
}

/** How the student's program was when a probe ended. */
export interface ProgramState {
  /** The command as it was started. */
  readonly command: readonly string[];
  /** Exit status or signal; none where it still ran. */
  readonly status?: number | string;
  /** The last lines of standard error (of its terminal, where it has one), as they came. */
  readonly lastLines: readonly string[];
}
