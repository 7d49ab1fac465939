/**
 * Steps and probes: what a probe checks and reports about a student's program.
 *
 * @module
 */
import type { Finding, ProgramState } from "./finding.ts";
import type { Trial } from "./trial.ts";

export * from "./finding.ts";

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
  /** A rubric demands it: it fails where what it is about is not offered. */
  readonly demanded?: boolean;
  /** Why the rubric leaves it out: it is not run and counts for nothing. */
  readonly leftOut?: string;
  /** Why the program is known to fail it, by its rubric. */
  readonly known?: string;
  /** Words of the command table that it starts; where a rubric has none of them, it is not reached. */
  readonly uses?: readonly string[];
  /**
   * Plays the situation. Returns where all was right.
   *
   * @throws {Failure} where the student's program did wrong
   * @throws {CannotTell} where the machine did
   * @throws {NotOffered} where it need not have what the probe is about
   */
  run(trial: Trial): Promise<void>;
}

/** How a probe ended. */
export type Verdict =
  | "passed"
  | "failed"
  | "flaky"
  | "not reached"
  | "cannot tell"
  /** It is about something that the program need not have: it counts for nothing. */
  | "left out";

/** What came of one probe. */
export interface Outcome {
  readonly probe: Probe;
  readonly step: Step;
  readonly verdict: Verdict;
  /** Points: all of the probe's, a share where it is flaky, or none. */
  readonly score: number;
  /** ms that it took. */
  readonly took: number;
  /** ms of these in which the machine had no processor for it. */
  readonly lost?: number;
  readonly finding?: Finding;
  /** Why it was not reached, left out or known to fail, or why nothing can be told: a sentence. */
  readonly reason?: string;
  /** What is not wrong and yet worth saying. */
  readonly remarks: readonly string[];
  /** The last program that it started. */
  readonly program?: ProgramState;
  /** The packet capture's file. */
  readonly packets?: string;
}

/** Whether a probe failed as its rubric says that it does. */
export function isKnown({ verdict, probe }: Outcome): boolean {
  return probe.known !== undefined && (verdict === "failed" || verdict === "flaky");
}

/** All points of `steps`. */
export function pointsOf(steps: readonly Step[]): number {
  return steps.flatMap((step) => step.probes).reduce((sum, probe) => sum + probe.points, 0);
}
