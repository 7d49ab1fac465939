/**
 * The files of one run: the report as JSON, JUnit, and what Gradescope reads.
 *
 * @module
 */
import { dirname, join, resolve } from "@std/path";
import {
  gradescopeReport,
  jsonReport,
  junitReport,
  type Outcome,
  type RunFacts,
} from "../../lab/grade/mod.ts";
import { VERSION } from "../../protocol/mod.ts";
import type { Environment } from "../base/environment.ts";
import { againCommand } from "./again_command.ts";
import type { GradeCall } from "./grade_call.ts";

/** Writes what was asked for; where it is now. */
export async function writeReports(
  outcomes: readonly Outcome[],
  call: GradeCall,
  world: Environment,
): Promise<string[]> {
  const { flags } = call;
  const again = (outcome: Outcome) => againCommand(call, outcome);
  const facts: RunFacts = {
    subject: call.subject,
    rubric: call.rubric.name,
    command: call.program.command,
    seed: call.seed,
    version: VERSION,
  };
  const files: [path: string | undefined, text: () => string][] = [
    [flags.out && join(flags.out, "report.json"), () => jsonReport(outcomes, facts)],
    [flags.junit, () => junitReport(outcomes, again)],
    [flags.gradescope, () => gradescopeReport(outcomes, again, call.rubric.leaderboard)],
  ];
  const written: string[] = [];
  for (const [name, text] of files) {
    if (name === undefined) continue;
    const path = resolve(world.cwd, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text());
    written.push(path);
  }
  return written;
}
