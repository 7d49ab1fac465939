/**
 * The files that a run of `grade swarm` leaves: report, screens, kept folders, table of many teams.
 *
 * @module
 */
import { join, resolve } from "@std/path";
import {
  checkLines,
  gradescopeJson,
  headLines,
  junitXml,
  reportPage,
  resultJson,
  type RunResult,
  type Score,
  scoreLines,
  type TextLook,
} from "../../lab/grade/swarm/mod.ts";
import type { FlagValues } from "../flags/flags.ts";

/** Writes what the flags ask for. */
export async function writeReports(
  result: RunResult,
  look: TextLook,
  score: Score,
  flags: FlagValues,
  cwd: string,
): Promise<void> {
  const json = (value: unknown) => JSON.stringify(value, undefined, 2) + "\n";
  if (flags.junit !== undefined) {
    await Deno.writeTextFile(resolve(cwd, flags.junit), junitXml(result, look));
  }
  if (flags.gradescope !== undefined) {
    const path = resolve(cwd, flags.gradescope);
    await Deno.writeTextFile(path, json(gradescopeJson(result, look, score)));
  }
  if (look.out === undefined) return;
  await writeScreens(result, look.out);
  await Deno.writeTextFile(join(look.out, "report.txt"), reportText(result, look, score));
  await Deno.writeTextFile(join(look.out, "report.html"), reportPage(result, look, score));
  const data = json(resultJson(result, look.rubric, score));
  await Deno.writeTextFile(join(look.out, "report.json"), data);
}

/** The report as the terminal shows it. */
function reportText(result: RunResult, look: TextLook, score: Score): string {
  return [
    ...headLines(result, look.rubric),
    "",
    ...result.checks.flatMap((check) => checkLines(check, look)),
    "",
    ...scoreLines(score, result.seconds),
    "",
  ].join("\n");
}

/** `S4/h4-peer.txt`: what a process showed; `S4/deeds.txt`: what was typed and awaited. */
async function writeScreens(result: RunResult, out: string): Promise<void> {
  for (const { check, attempts } of result.checks) {
    for (const [index, { evidence }] of attempts.entries()) {
      if (evidence === undefined) continue;
      const folder = join(out, index === 0 ? check.id : `${check.id}-${index + 1}`);
      await Deno.mkdir(folder, { recursive: true });
      for (const [number, { host, role, text, command, ending }] of evidence.shown.entries()) {
        const name = `${String(number + 1).padStart(2, "0")}-h${host}-${role}.txt`;
        await Deno.writeTextFile(join(folder, name), `$ ${command}\n${text}\n[${ending}]\n`);
      }
      const deeds = evidence.deeds.map(({ at, host, line, what }) =>
        `${(at / 1000).toFixed(3)} h${host} line ${line}: ${what}`
      );
      await Deno.writeTextFile(join(folder, "deeds.txt"), deeds.join("\n") + "\n");
    }
  }
}

/** What became of one team. */
export interface TeamResult {
  readonly name: string;
  readonly result?: { readonly run: RunResult; readonly score: Score };
  /** Why it could not be marked at all. */
  readonly problem?: string;
}

/** A table of all teams: points, and which parts were not passed. */
export function teamLines(teams: readonly TeamResult[]): string[] {
  const width = Math.max(4, ...teams.map(({ name }) => name.length));
  return [
    `${"team".padEnd(width)}  points     not passed`,
    ...teams.map(({ name, result, problem }) => {
      if (result === undefined) return `${name.padEnd(width)}  ${"–".padEnd(9)}  ${problem}`;
      const { points, of } = result.score;
      const parts = result.run.checks.flatMap(({ parts }) => parts)
        .filter(({ verdict }) => verdict !== "passed");
      const reached = parts.filter(({ verdict }) => verdict !== "not reached")
        .map(({ part, verdict }) =>
          verdict === "failed" ? part.id : `${part.id} ${verdict === "flaky" ? "flaky" : "open"}`
        );
      const lost = reached.length < parts.length ? [...reached, "others not reached"] : reached;
      const sum = `${Math.round(points * 10) / 10} of ${of}`;
      return `${name.padEnd(width)}  ${sum.padEnd(9)}  ${lost.join(", ")}`;
    }),
  ];
}

/** The same for a spreadsheet. */
export function teamTable(teams: readonly TeamResult[]): string {
  // A terminal that shows the file would do what characters of control say.
  const cell = (text: string) => `"${text.replace(/[\p{Cc}\p{Cf}]/gu, "�").replaceAll('"', '""')}"`;
  const rows = teams.map(({ name, result, problem }) =>
    [
      // A name that a spreadsheet would take for a formula stays a name.
      cell(/^[=+\-@]/.test(name) ? `'${name}` : name),
      result?.score.points ?? "",
      result?.score.open ?? "",
      result?.score.of ?? "",
      cell(
        problem ?? result!.run.checks.flatMap(({ parts }) => parts)
          .filter(({ verdict }) => verdict === "failed").map(({ part }) => part.id).join(" "),
      ),
    ].join(",")
  );
  return ["team,points,open,of,failed", ...rows, ""].join("\n");
}
