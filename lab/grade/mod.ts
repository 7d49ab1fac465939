/**
 * Marking of students' peers and trackers: steps, the runner, reports.
 *
 * @module
 */
export type { Capture } from "./capture.ts";
export { programOf, type StudentProgram } from "./program.ts";
export { findingLines, outcomeLine, pointsText } from "./report/finding_text.ts";
export { autograderZip } from "./report/autograder.ts";
export { gradescopeReport } from "./report/gradescope.ts";
export { handout, stepLines } from "./report/handout.ts";
export { lessonsOf } from "./report/lessons.ts";
export { junitReport } from "./report/junit.ts";
export {
  jsonReport,
  rounded,
  type RunFacts,
  scoresOf,
  type StepScore,
  totalOf,
} from "./report/summary.ts";
export { stepsOf, withMarks } from "./marks.ts";
export { type Rubric, RUBRICS } from "./rubric.ts";
export { parseRubric } from "./rubric_file.ts";
export { chosenProbes, type RunOptions, runSteps } from "./run_steps.ts";
export { isKnown, type Outcome, pointsOf, type Probe, type Step, type Subject } from "./step.ts";
export { quoted } from "../programs/program_run.ts";
export { Guardian } from "../programs/guardian.ts";
export { addressFault, isTrackerUrl } from "./tracker_address.ts";
import { PEER_STEPS } from "./peer_steps/mod.ts";
import type { Step, Subject } from "./step.ts";
import { TRACKER_STEPS } from "./tracker_steps/mod.ts";

/** The table of steps. */
export const STEPS: Readonly<Record<Subject, readonly Step[]>> = {
  peer: PEER_STEPS,
  tracker: TRACKER_STEPS,
};
