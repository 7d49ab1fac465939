/**
 * The report as Gradescope's autograder reads it: `results.json`.
 *
 * @module
 */
import type { Outcome } from "../step.ts";
import { findingLines } from "./finding_text.ts";
import { rounded, totalOf } from "./summary.ts";

/**
 * The whole file.
 *
 * @param again the command that runs a probe again
 * @param leaderboard IDs of the probes whose seconds stand on the leaderboard; undefined: no board
 */
export function gradescopeReport(
  outcomes: readonly Outcome[],
  again: (outcome: Outcome) => string,
  leaderboard?: readonly string[],
): string {
  const { score, points } = totalOf(outcomes);
  const results = {
    score: rounded(score),
    "execution_time": Math.round(outcomes.reduce((sum, { took }) => sum + took, 0) / 1000),
    output:
      `${rounded(score)} of ${rounded(points)} points. The first failure is the one to mend: ` +
      "others may follow from it.",
    "output_format": "text",
    visibility: "visible",
    "stdout_visibility": "hidden",
    ...(leaderboard === undefined ? {} : { leaderboard: boardOf(outcomes, leaderboard) }),
    tests: outcomes.map((outcome) => ({
      name: outcome.probe.title,
      number: outcome.probe.id,
      score: rounded(outcome.score),
      "max_score": rounded(outcome.probe.points),
      ...(outcome.verdict === "left out"
        ? {}
        : { status: outcome.verdict === "passed" ? "passed" : "failed" }),
      output: textOf(outcome, again),
      "output_format": "text",
      tags: [outcome.step.id, outcome.verdict],
      visibility: "visible",
    })),
  };
  return `${JSON.stringify(results, null, 2)}\n`;
}

/** The points, and the seconds of some probes; one that did not pass has no line. */
function boardOf(outcomes: readonly Outcome[], timed: readonly string[]) {
  return [
    { name: "Points", value: rounded(totalOf(outcomes).score) },
    ...outcomes.filter(({ probe, verdict }) => timed.includes(probe.id) && verdict === "passed")
      .map(({ probe, took }) => ({
        name: `Seconds of ${probe.id}`,
        value: rounded(took / 1000),
        order: "asc",
      })),
  ];
}

function textOf(outcome: Outcome, again: (outcome: Outcome) => string): string {
  const { verdict, reason, remarks } = outcome;
  return [
    ...(verdict === "passed" || verdict === "failed" ? [] : [`${verdict}: ${reason ?? ""}`]),
    ...findingLines(outcome, again(outcome)),
    ...remarks.map((remark) => `remark: ${remark}`),
  ].join("\n");
}
