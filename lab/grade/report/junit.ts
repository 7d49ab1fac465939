/**
 * The report as JUnit's XML, which CI systems show.
 *
 * @module
 */
import { isKnown, type Outcome } from "../step.ts";
import { findingLines } from "./finding_text.ts";
import { scoresOf } from "./summary.ts";

/** The whole file. `again`: the command that runs a probe again. */
export function junitReport(
  outcomes: readonly Outcome[],
  again: (outcome: Outcome) => string,
): string {
  const suites = scoresOf(outcomes).map(({ step }) => {
    const own = outcomes.filter((outcome) => outcome.step.id === step.id);
    const failures = own.filter(isFailure).length;
    const skipped = own.filter((outcome) => !isFailure(outcome) && outcome.verdict !== "passed");
    const attributes = `name="${escape(`${step.id} ${step.title}`)}" tests="${own.length}" ` +
      `failures="${failures}" errors="0" skipped="${skipped.length}" time="${seconds(own)}"`;
    return [
      `  <testsuite ${attributes}>`,
      ...own.map((outcome) => testCase(outcome, again)),
      "  </testsuite>",
    ].join("\n");
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>", ""]
    .join("\n");
}

function testCase(outcome: Outcome, again: (outcome: Outcome) => string): string {
  const { probe, step, verdict, finding, reason } = outcome;
  const head =
    `    <testcase classname="${step.id}" name="${escape(`${probe.id} ${probe.title}`)}" ` +
    `time="${seconds([outcome])}"`;
  if (verdict === "passed") return `${head}/>`;
  if (!isFailure(outcome)) {
    const word = isKnown(outcome) ? "known" : verdict;
    return `${head}><skipped message="${escape(`${word}: ${reason ?? ""}`)}"/></testcase>`;
  }
  const text = findingLines(outcome, again(outcome)).join("\n");
  const message = escape(
    `${verdict === "flaky" ? `flaky, ${reason}: ` : ""}${finding?.seen ?? ""}`,
  );
  return `${head}><failure message="${message}" type="${verdict}">${
    escape(text)
  }</failure></testcase>`;
}

function isFailure(outcome: Outcome): boolean {
  const { verdict } = outcome;
  return (verdict === "failed" || verdict === "flaky") && !isKnown(outcome);
}

function seconds(outcomes: readonly Outcome[]): string {
  return (outcomes.reduce((sum, { took }) => sum + took, 0) / 1000).toFixed(3);
}

/** Text for XML 1.0, in which most control characters may not stand at all. */
function escape(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- they are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .toWellFormed()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
