/**
 * The report's files: page, figures, events, summary, and the scenario to run it again.
 *
 * @module
 */
import { join } from "@std/path";
import type { Experiment } from "../../lab/experiment/experiment.ts";
import { figuresOf } from "../../lab/report/figures/draw.ts";
import { type PageFacts, reportPage } from "../../lab/report/page.ts";
import { csv, summary, svgFile } from "../../lab/report/report_files.ts";
import type { RunRecord } from "../../lab/run/run_record.ts";

/** Events of a run in one write: this many lines at once. */
const LINES = 5000;

/** Writes all of it into a folder; the path of the page. */
export async function writeReport(
  experiment: Experiment,
  facts: PageFacts,
  folder: string,
): Promise<string> {
  await Deno.mkdir(join(folder, "figures"), { recursive: true });
  const figures = figuresOf(experiment);
  for (const figure of figures) {
    await Deno.writeTextFile(join(folder, "figures", `${figure.id}.svg`), svgFile(figure));
    await Deno.writeTextFile(join(folder, "figures", `${figure.id}.csv`), csv(figure.table));
  }
  await Deno.writeTextFile(join(folder, "scenario.jsonc"), experiment.scenario.text);
  await Deno.writeTextFile(
    join(folder, "summary.json"),
    JSON.stringify(summary(experiment), undefined, 2) + "\n",
  );
  using events = await Deno.open(join(folder, "events.jsonl"), {
    ...{ write: true, create: true, truncate: true },
  });
  for (const record of experiment.shown.values()) await writeEvents(record, events);
  const page = join(folder, "report.html");
  await Deno.writeTextFile(page, reportPage(experiment, figures, facts));
  return page;
}

/** The events of one run, a JSON line each. */
async function writeEvents(record: RunRecord, file: Deno.FsFile): Promise<void> {
  const run = { variant: record.variant, seed: record.seed };
  const encoder = new TextEncoder();
  for (let from = 0; from < record.events.length; from += LINES) {
    const text = record.events.slice(from, from + LINES)
      .map((event) => JSON.stringify({ ...event, ...run }) + "\n").join("");
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  }
}
