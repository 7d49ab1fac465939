/**
 * Marking of programs with a protocol of their own, as a black box: templates, worlds, checks,
 * reports.
 *
 * @module
 */
export type { Check } from "./check.ts";
export { CHECKS } from "./checks/mod.ts";
export { quoted } from "../../programs/program_run.ts";
export { Guardian } from "../../programs/guardian.ts";
export { templateSchema } from "./keys.ts";
export { listenerSource } from "./own_listeners.ts";
export { newTemplate, QUESTIONS } from "./new_template.ts";
export { copyAsIs } from "./program_copy.ts";
export {
  checkLines,
  deedLine,
  headLines,
  scoreLines,
  type TextLook,
  verdictOf,
} from "./report/check_text.ts";
export { gradescopeJson, junitXml, resultJson } from "./report/report_files.ts";
export { reportPage } from "./report/report_page.ts";
export { CO3093, pointsOf, readRubric, type Rubric, type Score, score } from "./rubric.ts";
export { type CheckResult, runChecks, type RunResult } from "./run.ts";
export { helpsOf, readTemplate, type Template } from "./template.ts";
export { type LinuxTools, makeLinuxWorld, probeLinux } from "./world_linux.ts";
export { makeOneHost } from "./world_one_host.ts";
