/**
 * Summary of all probes: points by step, and the whole as data.
 *
 * @module
 */
import type { Outcome, Step } from "../step.ts";

/** One step's points. */
export interface StepScore {
  readonly step: Step;
  readonly score: number;
  readonly points: number;
  readonly passed: number;
  readonly probes: number;
}

/** What was run, and how. */
export interface RunFacts {
  readonly subject: string;
  readonly rubric: string;
  readonly command: readonly string[];
  readonly seed: number;
  readonly version: string;
}

/** Steps in their order with what was reached in each. */
export function scoresOf(outcomes: readonly Outcome[]): StepScore[] {
  const steps = [...new Map(outcomes.map(({ step }) => [step.id, step])).values()];
  return steps.map((step) => {
    const own = outcomes.filter((outcome) => outcome.step.id === step.id);
    return {
      step,
      score: own.reduce((sum, { score }) => sum + score, 0),
      points: own.reduce((sum, { probe }) => sum + probe.points, 0),
      passed: own.filter(({ verdict }) => verdict === "passed").length,
      probes: own.filter(({ verdict }) => verdict !== "left out").length,
    };
  });
}

/** Points reached and points there are. */
export function totalOf(outcomes: readonly Outcome[]): { score: number; points: number } {
  return scoresOf(outcomes).reduce(
    (sum, { score, points }) => ({ score: sum.score + score, points: sum.points + points }),
    { score: 0, points: 0 },
  );
}

/** At most two decimals: no report differs in the fifteenth digit. */
export function rounded(points: number): number {
  return Math.round(points * 100) / 100;
}

/** `report.json`: everything, for programs. */
export function jsonReport(outcomes: readonly Outcome[], facts: RunFacts): string {
  const { score, points } = totalOf(outcomes);
  const report = {
    ...facts,
    score: rounded(score),
    points: rounded(points),
    probes: outcomes.map((outcome) => ({
      id: outcome.probe.id,
      step: outcome.step.id,
      title: outcome.probe.title,
      verdict: outcome.verdict,
      score: rounded(outcome.score),
      points: rounded(outcome.probe.points),
      seconds: Math.round(outcome.took) / 1000,
      reason: outcome.reason,
      finding: outcome.finding && {
        expected: outcome.finding.expected,
        seen: outcome.finding.seen,
        why: outcome.finding.why,
        seconds: outcome.finding.at === undefined
          ? undefined
          : Math.round(outcome.finding.at) / 1000,
        connection: outcome.finding.connection,
        message: outcome.finding.message,
        bytes: outcome.finding.marked?.bytes.toHex(),
        wrong: outcome.finding.marked?.wrong,
      },
      remarks: outcome.remarks,
      program: outcome.program,
      packets: outcome.packets,
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
