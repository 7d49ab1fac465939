/**
 * The table of steps for people: a list in a terminal, a handout in Markdown.
 *
 * @module
 */
import { FORMS } from "../commands.ts";
import type { Probe, Step } from "../step.ts";
import { rounded } from "./summary.ts";

/** A line a probe. */
export function stepLines(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [
    `${step.id}  ${step.title}${
      step.needs.length > 0 ? `   (needs ${step.needs.join(", ")})` : ""
    }`,
    ...step.probes.map((probe) =>
      `   ${probe.id.padEnd(6)} ${probe.title.padEnd(72)} ${rounded(probe.points)}${notesOf(probe)}`
    ),
  ]);
}

/** The handout: what is asked for, and for how many points. */
export function handout(steps: readonly Step[]): string {
  const words = [
    ...new Set(steps.flatMap(({ probes }) => probes.flatMap(({ uses }) => uses ?? []))),
  ];
  const commands = words.map((word) => `your-program ${(FORMS[word] ?? []).join(" ")}`);
  return [
    "# What your program is marked on",
    "Each step is a handful of probes: one situation with scripted peers or trackers on your own " +
    "machine, and what has to follow. Where the first probe of a step fails, the rest of the step " +
    "and the steps that need it are not reached. Run it as often as you like.",
    ...(commands.length === 0
      ? []
      : ["Your program is started by these commands:", ["```text", ...commands, "```"].join("\n")]),
    ...steps.flatMap((step) => [
      `## ${step.id}: ${step.title}`,
      ...(step.needs.length === 0 ? [] : [`Needs ${step.needs.join(" and ")}.`]),
      [
        "| probe | what happens | points |",
        "| --- | --- | ---: |",
        ...step.probes.map((probe) =>
          `| ${probe.id} | ${probe.title}${notesOf(probe)} | ${rounded(probe.points)} |`
        ),
      ].join("\n"),
    ]),
  ].join("\n\n") + "\n";
}

function notesOf({ slow, plain }: Probe): string {
  return `${plain ? " (comes first)" : ""}${slow ? " (with --slow)" : ""}`;
}
