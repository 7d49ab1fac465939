/**
 * The `--json` lines of `grade`.
 *
 * @module
 */
import type { EventDoc } from "./event_doc.ts";

/** Told by `grade`. */
export const GRADE_EVENTS = {
  "grading": {
    says: "the probe that is running, and the number of finished ones",
    fields: { probe: "text", done: "number", of: "number" },
  },
  "probe": {
    says:
      "how one probe ended; verdict: passed, failed, flaky, not reached, cannot tell or left out",
    fields: {
      probe: "text",
      title: "text",
      verdict: "text",
      score: "number",
      points: "number",
      seconds: "number",
      remarks: "list",
      reason: "text?",
      expected: "text?",
      seen: "text?",
      why: "text?",
    },
  },
  "graded": {
    says: "how all probes ended; each step has step, title, score and points",
    fields: { score: "number", points: "number", steps: "list" },
  },
  "check": {
    says: "grade swarm: the check that is running, and its attempt",
    fields: { check: "text", title: "text", attempt: "number" },
  },
  "part": {
    says: "grade swarm: how one part of a check ended; verdict as for a probe",
    fields: {
      part: "text",
      title: "text",
      verdict: "text",
      score: "number",
      points: "number",
      open: "number",
      fails: "number",
      tries: "number",
      expected: "text?",
      seen: "text?",
      why: "text?",
    },
  },
  "points": {
    says: "grade swarm: all points; open are those left for a person to decide",
    fields: { points: "number", of: "number", open: "number" },
  },
} as const satisfies Record<string, EventDoc>;
