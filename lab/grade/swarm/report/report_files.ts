/**
 * A result as data for machines: JSON of our own, JUnit's XML, Gradescope's `results.json`.
 *
 * @module
 */
import type { RunResult } from "../run.ts";
import { pointsOf, type Rubric, type Score } from "../rubric.ts";
import { checkLines, number, scoreLines, type TextLook, verdictOf } from "./check_text.ts";

/** Longest text of one test (characters) in Gradescope's file. */
const MAX_OUTPUT = 20_000;

/** Everything about a run but the whole screens. */
export function resultJson(result: RunResult, rubric: Rubric, score: Score) {
  const oneHost = result.kind === "one-host";
  return {
    program: result.program,
    world: result.kind,
    rate: result.rate,
    rubric: rubric.name,
    helps: result.helps,
    seconds: rounded(result.seconds),
    points: score.points,
    of: score.of,
    open: score.open,
    categories: score.categories,
    byHand: score.byHand,
    checks: result.checks.map(({ check, parts, attempts }) => ({
      check: check.id,
      title: check.title,
      parts: parts.map((part) => ({
        part: part.part.id,
        title: part.part.title,
        verdict: part.verdict,
        ...pointsOf(rubric, verdictOf(part), oneHost),
        fails: part.fails,
        tries: part.tries,
        ...(part.finding === undefined
          ? {}
          : { expected: part.finding.expected, seen: part.finding.seen, why: part.finding.why }),
      })),
      attempts: attempts.map(({ seconds, findings, templateLine, evidence }) => ({
        seconds: rounded(seconds),
        ...(templateLine === undefined ? {} : { templateLine }),
        findings,
        ...(evidence === undefined ? {} : {
          // Row: from; column: to; both from h1.
          bytes: evidence.hasPairs
            ? evidence.bytes?.slice(1).map((row) => row.slice(1))
            : undefined,
          calls: Object.fromEntries(evidence.calls.called),
          refused: Object.fromEntries(evidence.calls.refused),
          listeners: evidence.listeners.slice(1),
          screens: evidence.shown.map(({ host, role, command, ending, last }) => ({
            host,
            role,
            command,
            ending,
            last,
          })),
        }),
      })),
    })),
  };
}

/** JUnit's XML: a test case for each part. */
export function junitXml(result: RunResult, look: TextLook): string {
  const cases = result.checks.flatMap((one) =>
    one.parts.map((part) => {
      const seconds = one.attempts.reduce((sum, { seconds }) => sum + seconds, 0) /
        one.parts.length;
      const head = `<testcase classname="${one.check.id}" name="${
        xml(`${part.part.id} ${part.part.title}`)
      }" time="${rounded(seconds)}"`;
      const text = xml(checkLines(one, look).join("\n"));
      switch (part.verdict) {
        case "passed":
          return { failed: 0, skipped: 0, line: `${head}/>` };
        case "failed":
        case "flaky": {
          const message = xml(part.finding?.seen ?? "");
          return {
            failed: 1,
            skipped: 0,
            line:
              `${head}><failure type="${part.verdict}" message="${message}">${text}</failure></testcase>`,
          };
        }
        default:
          return {
            failed: 0,
            skipped: 1,
            line: `${head}><skipped message="${
              xml(`${part.verdict}: ${part.finding?.seen ?? ""}`)
            }"/></testcase>`,
          };
      }
    })
  );
  const sum = (of: "failed" | "skipped") => cases.reduce((total, one) => total + one[of], 0);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="${xml(result.program)}" tests="${cases.length}" failures="${
    sum("failed")
  }" skipped="${sum("skipped")}" time="${rounded(result.seconds)}">
${cases.map(({ line }) => line).join("\n")}
</testsuite>
</testsuites>
`;
}

/** What Gradescope reads from `results.json`. */
export function gradescopeJson(result: RunResult, look: TextLook, score: Score) {
  return {
    score: rounded(score.points),
    execution_time: Math.round(result.seconds),
    visibility: "visible",
    output: scoreLines(score, result.seconds).join("\n"),
    tests: result.checks.flatMap((one) =>
      one.parts.map((part) => {
        const { points, of } = pointsOf(look.rubric, verdictOf(part), look.oneHost);
        return {
          number: part.part.id,
          name: `${one.check.title}: ${part.part.title}`,
          score: rounded(points),
          max_score: of,
          status: part.verdict === "passed" ? "passed" : "failed",
          output: part.verdict === "passed"
            ? `${part.part.id}: passed, ${number(points)} of ${number(of)}`
            : checkLines({ ...one, parts: [part] }, look).join("\n").slice(0, MAX_OUTPUT),
          visibility: "visible",
          tags: [one.check.id],
        };
      })
    ),
  };
}

function xml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex -- XML has no way to write these
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "�")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
