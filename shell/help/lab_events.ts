/**
 * The `--json` lines of `lab`.
 *
 * @module
 */
import type { EventDoc } from "./event_doc.ts";

/** Told by `lab`. */
export const LAB_EVENTS = {
  "scenario": {
    says: "lab list: a scenario that comes with the program; world: virtual or real",
    fields: { name: "text", world: "text", question: "text", hypothesis: "text", variants: "list" },
  },
  "measure": {
    says: "lab list measures: what a check may ask for; unit: ms, bytes, share, times or count",
    fields: { name: "text", unit: "text", says: "text" },
  },
  "figure": {
    says: "lab list figures: what a report can draw",
    fields: { name: "text", says: "text" },
  },
  "scenario-file": {
    says: "lab show: a scenario's file",
    fields: { name: "text", text: "text" },
  },
  "running": {
    says: "the run that is under way, and the number of finished ones",
    fields: { scenario: "text", variant: "text", seed: "number", done: "number", of: "number" },
  },
  "judged": {
    says: "how one check came out on one variant; verdict: passed, failed or cannot tell",
    fields: {
      scenario: "text",
      variant: "text",
      measure: "text",
      verdict: "text",
      value: "number?",
      limit: "number?",
      why: "text",
      because: "text?",
    },
  },
  "experiment": {
    says:
      "how all checks of a scenario came out; courses has the hash of all events of the first " +
      "seed, by variant",
    fields: {
      scenario: "text",
      verdict: "text",
      runs: "number",
      seeds: "list",
      courses: "object",
    },
  },
  "lab-board": {
    says: "lab run --watch: where a browser finds the swarm board of the run",
    fields: { url: "text" },
  },
  "written": { says: "lab: the report that was written", fields: { path: "text" } },
  "compared": {
    says: "lab compare: a measure's median in both reports, and the second ÷ the first",
    fields: { what: "text", first: "text", second: "text", times: "text" },
  },
} as const satisfies Record<string, EventDoc>;
