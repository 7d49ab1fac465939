/**
 * What is marked: steps of probes, and what a probe finds out about a student's program.
 *
 * @module
 */
import type { Trial } from "./trial.ts";

/** Which kind of program is marked. */
export type Subject = "peer" | "tracker";

/** One step on the way from bencode to a swarm: `P5`, `T2`. */
export interface Step {
  readonly id: string;
  readonly of: Subject;
  readonly title: string;
  /** Steps whose plain probes have to pass before this one can tell anything. */
  readonly needs: readonly string[];
  readonly probes: readonly Probe[];
}

/** One scripted situation, and what has to follow from it: `P5.1`. */
export interface Probe {
  readonly id: string;
  readonly title: string;
  readonly points: number;
  /**
   * Nothing unexpected happens in it. Where it fails, the rest of its step and the steps that need
   * this one are not reached: they would only fail in the same way.
   */
  readonly plain?: boolean;
  /** Left out unless slow probes are asked for: it waits for minutes. */
  readonly slow?: boolean;
  /** Its verdict depends on time: where it fails, it runs twice more. */
  readonly timed?: boolean;
  /** Words of the command table that it starts; where a rubric has none of them, it is not reached. */
  readonly uses?: readonly string[];
  /**
   * Plays the situation. Returns where all was right.
   *
   * @throws {Failure} where the student's program did wrong
   * @throws {CannotTell} where the machine did
   */
  run(trial: Trial): Promise<void>;
}

/** Bytes that the student's program said, or that a file holds, with the wrong ones marked. */
export interface MarkedBytes {
  readonly bytes: Uint8Array;
  /** First wrong byte and the one behind the last; none where no byte by itself is wrong. */
  readonly wrong?: readonly [from: number, to: number];
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

/** How a probe ended. */
export type Verdict = "passed" | "failed" | "flaky" | "not reached" | "cannot tell";

/** How the student's program was when a probe ended. */
export interface ProgramState {
  /** The command as it was started. */
  readonly command: readonly string[];
  /** Exit status or signal; none where it still ran. */
  readonly status?: number | string;
  /** The last lines of standard error (of its terminal, where it has one), as they came. */
  readonly lastLines: readonly string[];
}

/** What came of one probe. */
export interface Outcome {
  readonly probe: Probe;
  readonly step: Step;
  readonly verdict: Verdict;
  /** Points: all of the probe's, a share where it is flaky, or none. */
  readonly score: number;
  /** ms that it took. */
  readonly took: number;
  readonly finding?: Finding;
  /** Why it was not reached or nothing can be told, in a sentence. */
  readonly reason?: string;
  /** What is not wrong and yet worth saying. */
  readonly remarks: readonly string[];
  /** The last program that it started. */
  readonly program?: ProgramState;
  /** The packet capture's file. */
  readonly packets?: string;
}

/** All points of `steps`. */
export function pointsOf(steps: readonly Step[]): number {
  return steps.flatMap((step) => step.probes).reduce((sum, probe) => sum + probe.points, 0);
}
