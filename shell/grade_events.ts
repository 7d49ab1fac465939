/**
 * The `--json` lines of `grade`.
 *
 * @module
 */
import type { EventDoc } from "./event_doc.ts";

/** Told by `grade`. */
export const GRADE_EVENTS = {
  "grading": {
    says: "the probe that runs, and how many are done",
    fields: { probe: "text", done: "number", of: "number" },
  },
  "probe": {
    says: "how one probe ended; verdict: passed, failed, flaky, not reached or cannot tell",
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
} as const satisfies Record<string, EventDoc>;
