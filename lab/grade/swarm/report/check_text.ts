/**
 * Results in lines of text: a line for each part, a failure whole.
 *
 * @module
 */
import type { Verdict } from "../check.ts";
import { type Attempt, type Evidence, networkWords } from "../evidence.ts";
import type { Deed } from "../stage.ts";
import { pointsOf, type Rubric, type Score } from "../rubric.ts";
import type { CheckResult, PartResult, RunResult } from "../run.ts";

const SIGNS: Readonly<Record<Verdict, readonly [unicode: string, ascii: string]>> = {
  passed: ["✓", "ok"],
  failed: ["✗", "FAIL"],
  flaky: ["~", "flaky"],
  "not reached": ["·", "-"],
  "cannot tell": ["?", "?"],
};
const MOST_CALLS = 8;

/** What lines are written for. */
export interface TextLook {
  readonly unicode: boolean;
  readonly rubric: Rubric;
  readonly oneHost: boolean;
  /** The command that runs a check again. */
  readonly again: (id: string) => string;
  /** Where screens lie, if they were kept. */
  readonly out?: string | undefined;
}

/** A check as it is told when it is over: a line a part, and all about what failed. */
export function checkLines(result: CheckResult, look: TextLook): string[] {
  const lines: string[] = [];
  let told = -1;
  for (const part of result.parts) {
    lines.push(partLine(result, part, look));
    const { verdict, finding } = part;
    if (verdict === "passed" || finding === undefined) continue;
    if (verdict === "not reached") continue;
    if (verdict === "cannot tell") {
      lines.push(field("", finding.seen));
      const attempt = result.attempts[part.attempt];
      if (attempt?.templateLine !== undefined && told < 0) {
        lines.push(...screenLines(attempt, attempt.evidence));
        told = part.attempt;
      }
      continue;
    }
    if (verdict === "flaky") lines.push(field("", `failed ${part.fails} of ${part.tries} times`));
    lines.push(field("expected", finding.expected), field("seen", finding.seen));
    const attempt = result.attempts[part.attempt];
    if (attempt === undefined) continue;
    if (told !== part.attempt) lines.push(...evidenceLines(attempt, look));
    told = part.attempt;
    const guesses = [finding.why, ...networkLines(attempt.evidence)].filter((one) =>
      one !== undefined
    );
    // Without numbers of its own nothing is known, only what is usual.
    if (guesses[0] === undefined) lines.push(field("often", result.check.habit));
    else lines.push(field("why", guesses[0]));
    for (const more of guesses.slice(1, 3)) lines.push(field("", more!));
    lines.push(field("again", look.again(result.check.id)));
  }
  return lines;
}

function partLine(result: CheckResult, part: PartResult, look: TextLook): string {
  const { points, of, open } = pointsOf(look.rubric, verdictOf(part), look.oneHost);
  const alone = result.parts.length === 1;
  const title = alone ? result.check.title : `${result.check.title}: ${part.part.title}`;
  const head = `${SIGNS[part.verdict][look.unicode ? 0 : 1].padEnd(look.unicode ? 1 : 5)} ${
    part.part.id.padEnd(4)
  } ${title}`;
  const note = part.verdict === "cannot tell" && part.finding?.free
    ? " (cannot tell, no points lost)"
    : part.verdict === "cannot tell"
    ? ` (cannot tell${open > 0 ? `, ${number(open)} open` : ""})`
    : part.verdict === "not reached"
    ? ` (not reached: ${part.finding?.seen})`
    : part.verdict === "flaky"
    ? " (flaky)"
    : "";
  return `${head.padEnd(86)} ${number(points)} of ${number(of)}${note}`;
}

/** What a part came to, for points. */
export function verdictOf(
  { part, verdict, finding }: PartResult,
): { id: string; verdict: Verdict; free: boolean } {
  return { id: part.id, verdict, free: finding?.free ?? false };
}

/** Everything that was seen in an attempt, but for what was found. */
export function evidenceLines(attempt: Attempt, look: TextLook): string[] {
  const { evidence } = attempt;
  if (evidence === undefined) return [];
  const calls = [...evidence.calls.called].slice(0, MOST_CALLS).map(([call, packets]) =>
    `${call} × ${packets}`
  );
  const refused = [...evidence.calls.refused].slice(0, MOST_CALLS).map(([call, packets]) =>
    `${call} × ${packets}`
  );
  const listens = evidence.listeners.map((list, host) => ({ list, host }))
    .filter(({ list }) => list.length > 0)
    .map(({ list, host }) => `h${host} ${list.join(", ")}`);
  return [
    ...screenLines(attempt, evidence),
    ...matrixLines(evidence).map((line, index) => field(index === 0 ? "bytes" : "", line)),
    ...(calls.length === 0 ? [] : [
      field(
        "calls",
        `${calls.join(", ")}${
          refused.length === 0 ? "; none refused" : `; refused: ${refused.join(", ")}`
        }`,
      ),
    ]),
    ...(listens.length === 0 ? [] : [field("listen", listens.join(" · "))]),
    ...(look.out === undefined ? [] : [field("screens", look.out)]),
  ];
}

/** The last lines of those who fetched last, and of whoever has ended. */
function screenLines(attempt: Attempt, evidence: Evidence | undefined): string[] {
  if (evidence === undefined) return [];
  const blamed = new Set(
    attempt.findings.filter(({ verdict }) => verdict === "failed")
      .flatMap(({ seen }) => [...seen.matchAll(/\bh(\d+)\b/g)].map(([, host]) => Number(host))),
  );
  const chosen = evidence.shown.filter(({ host, ending }, index) =>
    index === evidence.shown.length - 1 || blamed.has(host) || /exit status [1-9]/.test(ending)
  ).slice(-3);
  return chosen.flatMap(({ host, role, last, ending }) => {
    const lines = last.length === 0 ? ["(nothing)"] : tellingLines(last);
    return lines.map((line, index) =>
      field(index === 0 ? "screen" : "", `${`h${host}`.padEnd(4)}${line}`) +
      (index === lines.length - 1 ? `   [${role}: ${ending}]` : "")
    );
  });
}

/** The last lines; in place of the first of them one that tells of an error further up. */
function tellingLines(last: readonly string[]): readonly string[] {
  const shown = last.slice(-4);
  const isError = (line: string) => /error|exception|fail|refused|panic|denied/i.test(line);
  const earlier = shown.some(isError) ? undefined : last.findLast(isError);
  return earlier === undefined ? shown : [earlier, ...shown.slice(1)];
}

/** Who gave whom how much. */
export function matrixLines({ bytes, hasPairs }: Evidence): string[] {
  if (bytes === undefined || bytes.length === 0) return [];
  const hosts = bytes.length - 1;
  const numbers = Array.from({ length: hosts }, (_, index) => index + 1);
  const cell = (text: string) => text.padStart(9);
  if (!hasPairs) {
    const row = (name: string, of: (host: number) => number | undefined) =>
      name.padEnd(9) + numbers.map((host) => cell(size(of(host) ?? 0))).join("");
    return [
      " ".repeat(9) + numbers.map((host) => cell(`h${host}`)).join(""),
      row("taken", (host) => bytes[0]?.[host]),
      row("given", (host) => bytes[host]?.[0]),
    ];
  }
  const from = numbers;
  const receivers = numbers.filter((to) => from.some((source) => (bytes[source]?.[to] ?? 0) > 0));
  return [
    " ".repeat(9) + receivers.map((to) => cell(`to h${to}`)).join(""),
    ...from.filter((source) => receivers.some((to) => (bytes[source]?.[to] ?? 0) > 0)).map((
      source,
    ) =>
      `from h${source}`.padEnd(9) +
      receivers.map((to) => cell(size(bytes[source]?.[to] ?? 0))).join("")
    ),
  ];
}

/** `2.08 M` */
export function size(bytes: number): string {
  if (bytes < 1000) return String(bytes);
  if (bytes < 999_500) return `${(bytes / 1000).toPrecision(3)} k`;
  return `${(bytes / 1e6).toPrecision(3)} M`;
}

function networkLines(evidence: Evidence | undefined): string[] {
  return evidence === undefined ? [] : networkWords(evidence);
}

/** What is said before the first check. */
export function headLines(
  run: Pick<RunResult, "program" | "kind" | "helps" | "rate" | "unseen">,
  rubric: Rubric,
): string[] {
  const world = run.kind === "hosts"
    ? `hosts of a small network, each sending ${run.rate / 1e6} Mbit/s at most, with no way out`
    : "all on this computer: runs on one host prove little";
  const lines = [`Grading ${run.program}   (rubric ${rubric.name}; ${world})`];
  if (run.kind === "one-host") {
    const unseen = ["whether hosts reach each other, who gave how much, rates", ...run.unseen];
    lines.push(
      `Not shown on one host: ${unseen.join(", ")}. It costs the points that they give. Programs ` +
        "run with your rights: use a container for those of others.",
    );
  } else if (run.unseen.length > 0) lines.push(`Not shown here: ${run.unseen.join(", ")}`);
  for (const help of run.helps) {
    lines.push(`Help: ${help}. ${rubric.help.points} points of ${rubric.help.category}`);
  }
  return lines;
}

/** The table at the end. */
export function scoreLines(score: Score, seconds: number): string[] {
  const lines = score.categories.map(({ category, points, of, open }) =>
    `${category.padEnd(14)} ${number(points).padStart(5)} of ${number(of)}` +
    (open > 0 ? `   (${number(open)} open)` : "")
  );
  for (const [name, points] of Object.entries(score.byHand)) {
    lines.push(`${name.padEnd(14)}       of ${number(points)}   (teacher)`);
  }
  const open = score.open > 0
    ? `   (${number(score.open)} more where nothing could be told: a person decides)`
    : "";
  lines.push(
    `${"points".padEnd(14)} ${number(score.points).padStart(5)} of ${number(score.of)}${open}`,
    `took ${Math.round(seconds)} s`,
  );
  return lines;
}

/** A line of `rehearse`. */
export function deedLine({ at, host, line, what }: Deed): string {
  const where = line === 0 ? "" : `line ${line}`;
  return `${(at / 1000).toFixed(1).padStart(6)} s  h${host}  ${where.padEnd(9)} ${what}`;
}

/** At most one decimal. */
export function number(points: number): string {
  return String(Math.round(points * 10) / 10);
}

function field(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}`;
}
