/**
 * The report as one page for a browser: no script, nothing from elsewhere.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Judgement, verdictOf } from "../checks/judge.ts";
import { amount, limitWords, subjectOf, valueWords } from "../checks/wording.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { runName } from "../run/run_record.ts";
import { MEASURES } from "../scenario/measure_names.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { svg } from "./report_files.ts";
import { type DataTable, escaped, type Figure, prose } from "./figure.ts";
import { PAGE_STYLE } from "./style.ts";

/** Columns of a table that is wider than the page, as a rule. */
const WIDE = 8;

/** What a page tells beside the experiment. */
export interface PageFacts {
  /** vtorrent's version */
  readonly version: string;
  /** how to run it again */
  readonly command: string;
  /** What was guessed before the run, and what came out. */
  readonly guess?: { readonly ask: string; readonly guessed: string; readonly came: string };
}

/** The whole page. */
export function reportPage(
  experiment: Experiment,
  figures: readonly Figure[],
  facts: PageFacts,
): string {
  const { scenario, judgements } = experiment;
  const guess = facts.guess === undefined ? "" : `<p><strong>${prose(facts.guess.ask)}</strong><br>
Your guess: ${prose(facts.guess.guessed)}. It came to ${prose(facts.guess.came)}.</p>`;
  const next = scenario.next === undefined
    ? ""
    : `<h2>What to change next</h2><p>${prose(scenario.next)}</p>`;
  return page(
    `${scenario.name}: ${scenario.question}`,
    `<p class="quiet">vtorrent lab · ${escaped(scenario.name)}</p>
<h1>${prose(scenario.question)}</h1>
<p>${prose(scenario.hypothesis)}</p>
${guess}
${verdictLine(judgements)}
${figures.map((figure) => figureBlock(figure)).join("\n")}
<h2 id="checks">Checks</h2>
${checksTable(judgements)}
${next}
<h2>The runs</h2>
${runsTable(experiment)}
${textsLine(experiment)}
<h2>Run it again</h2>
<pre><code>${escaped(facts.command)}</code></pre>
<p>vtorrent ${escaped(facts.version)}, seeds ${
      experiment.seeds.length === 1
        ? experiment.seeds[0]
        : `${experiment.seeds[0]} to ${experiment.seeds.at(-1)}`
    }. Figures show seed ${experiment.seeds[0]}.</p>
<details><summary>The scenario</summary>${settings(scenario)}
<pre><code>${escaped(scenario.text)}</code></pre></details>`,
  );
}

/** A page around its contents. */
export function page(title: string, body: string): string {
  const hash = createHash("sha256").update(PAGE_STYLE).digest("base64");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${PAGE_STYLE}</style></head><body><main>
${body}
</main></body></html>
`;
}

function verdictLine(judgements: readonly Judgement[]): string {
  if (judgements.length === 0) return `<p class="verdict doubt">Nothing is checked here.</p>`;
  const verdict = verdictOf(judgements);
  return `<p class="verdict ${classOf(verdict)}">${escaped(verdictSentence(judgements))}</p>`;
}

/** e.g. `Right: all 6 checks passed.` */
export function verdictSentence(judgements: readonly Judgement[]): string {
  const count = (verdict: string) => judgements.filter((one) => one.verdict === verdict).length;
  const [failed, open] = [count("failed"), count("cannot tell")];
  const all = judgements.length;
  if (failed > 0) return `Not so: ${failed} of ${all} checks failed.`;
  if (open > 0) return `It cannot be told: ${open} of ${all} checks are open.`;
  return all === 1 ? "So it is: the check passed." : `So it is: all ${all} checks passed.`;
}

function classOf(verdict: string): string {
  return verdict === "cannot tell" ? "doubt" : verdict;
}

function checksTable(judgements: readonly Judgement[]): string {
  const rows = judgements.map((one) => {
    const where = one.variant === ""
      ? ""
      : `<br><span class="quiet">${escaped(one.variant)}</span>`;
    const because = one.because === undefined ? "" : `: ${prose(one.because)}`;
    return `<tr><th scope="row">${escaped(subjectOf(one.check))}${where}</th>
<td class="${classOf(one.verdict)}">${one.verdict}${because}</td><td>${prose(valueWords(one))}</td>
<td>${prose(limitWords(one))}</td><td>${prose(one.check.why)}</td></tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th scope="col">measure</th><th scope="col">verdict
</th><th scope="col">came out</th><th scope="col">must be</th><th scope="col">why</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function figureBlock(figure: Figure): string {
  return `<figure id="${figure.id}"><figcaption><strong>${prose(figure.title)}</strong>
${prose(figure.says)}</figcaption>${svg(figure)}
<details><summary>The numbers</summary>${tableBlock(figure.table)}${
    restBlock(figure)
  }</details></figure>`;
}

/** What a table does not show, and which file has it. */
function restBlock({ id, table: { rows, onPage, beyond } }: Figure): string {
  const left = rows.length - (onPage ?? rows.length);
  const says = [
    ...(left > 0
      ? [
        `${left.toLocaleString("en-US")} more ${left === 1 ? "row is" : "rows are"} in ` +
        `figures/${id}.csv; events.jsonl has what happened besides.`,
      ]
      : []),
    ...(beyond === undefined ? [] : [beyond]),
  ];
  return says.length === 0 ? "" : `<p>${escaped(says.join(" "))}</p>`;
}

/** A table as HTML. */
export function tableBlock({ head, rows, onPage }: DataTable): string {
  const cell = (value: string | number) => {
    const isNumber = /^[\d.,]+( [%sBkMG]+)?$/.test(String(value));
    return `<td${isNumber ? ' class="number"' : ""}>${prose(String(value))}</td>`;
  };
  // A wide one is moved with the keyboard, too.
  const focus = head.length > WIDE ? ' tabindex="0"' : "";
  return `<div class="scroll"${focus}><table><thead><tr>${
    head.map((name) => name === "" ? "<td></td>" : `<th scope="col">${escaped(name)}</th>`).join("")
  }</tr></thead><tbody>${
    rows.slice(0, onPage).map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("")
  }</tbody></table></div>`;
}

function runsTable({ results }: Experiment): string {
  const rows = results.map(({ variant, seed, world, endedAt, course, machine, remarks }) => [
    variant,
    seed,
    world,
    amount(endedAt, MEASURES.makespan.unit),
    course ?? "",
    machine === undefined
      ? remarks.join(" ")
      : [machine.tooSlow ?? "the machine kept up", ...remarks].join(" "),
  ]);
  return tableBlock({
    head: ["variant", "seed", "world", "ended after", "course of events", "remarks"],
    rows,
  });
}

/** Where one reads what programs have said: the texts lie beside the page. */
function textsLine({ results }: Experiment): string {
  const names = results.filter(({ world }) => world === "real").map((run) => runName(run));
  if (names.length === 0) return "";
  const one = names.length === 1 ? names[0]! : "*";
  return `<p>What the programs said, a sentence a message: <code>wire/${escaped(one)}.txt</code>
beside this page; <code>wire/${escaped(one)}.pcap</code> is the same for Wireshark.</p>`;
}

function settings({ settings }: Scenario): string {
  return settings.length === 0
    ? ""
    : `<p>Changed: ${settings.map((one) => `<code>${escaped(one)}</code>`).join(", ")}</p>`;
}
