/**
 * The report as one page for a browser: points, a line a part, and for each check what was seen with
 * its matrix of bytes.
 *
 * @module
 */
import type { Attempt, Evidence } from "../evidence.ts";
import { networkWords } from "../evidence.ts";
import { pointsOf, type Score } from "../rubric.ts";
import type { CheckResult, PartResult, RunResult } from "../run.ts";
import { headLines, number, size, type TextLook, verdictOf } from "./check_text.ts";

const STYLE =
  `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1a1a1a;background:#fff}h2{margin-top:2.5rem}table{border-collapse:collapse;margin:.75rem 0}
td,th{border:1px solid #bbb;padding:.2rem .6rem;text-align:right}th[scope=row],td.text,th.text{text-align:left}
pre{background:#f3f3f3;padding:.6rem;overflow-x:auto;font-size:.85rem}
.passed{color:#0a6b2d}.failed{color:#b00020}.flaky{color:#8a5a00}.open{color:#555}
@media (prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}pre{background:#262626}
.passed{color:#6fd08c}.failed{color:#ff8a94}.flaky{color:#f0c060}.open{color:#aaa}td,th{border-color:#555}}`;

/** The page. Nothing in it comes from elsewhere, and what programs wrote is text. */
export function reportPage(result: RunResult, look: TextLook, score: Score): string {
  const heads = headLines(result, look.rubric).map((line) => `<p>${text(line)}</p>`).join("\n");
  const rows = score.categories.map(({ category, points, of, open }) =>
    `<tr><th scope="row">${text(category)}</th><td>${number(points)}</td><td>${
      number(of)
    }</td><td>${open > 0 ? number(open) : ""}</td></tr>`
  ).join("\n");
  const byHand = Object.entries(score.byHand).map(([name, points]) =>
    `<tr><th scope="row">${text(name)}</th><td></td><td>${number(points)}</td><td>teacher</td></tr>`
  ).join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(result.program)}: ${number(score.points)} of ${number(score.of)}</title>
<style>${STYLE}</style></head><body>
<h1>${text(result.program)}: ${number(score.points)} of ${number(score.of)} points</h1>
${heads}
<table><tr><th class="text">category</th><th>points</th><th>of</th><th>open</th></tr>
${rows}
${byHand}</table>
${result.checks.map((check) => checkSection(check, look)).join("\n")}
</body></html>
`;
}

function checkSection(result: CheckResult, look: TextLook): string {
  const { check, parts, attempts } = result;
  const shown = attempts[parts.find(({ verdict }) => verdict !== "passed")?.attempt ?? 0];
  return `<section><h2 id="${check.id}">${check.id} ${text(check.title)}</h2>
<table><tr><th class="text">part</th><th class="text">verdict</th><th>points</th><th class="text">seen</th></tr>
${parts.map((part) => partRow(part, look)).join("\n")}</table>
${shown === undefined ? "" : attemptBlock(result, shown)}</section>`;
}

function partRow(part: PartResult, look: TextLook): string {
  const { points, of } = pointsOf(look.rubric, verdictOf(part), look.oneHost);
  const kind = ["passed", "failed", "flaky"].includes(part.verdict) ? part.verdict : "open";
  const seen = part.finding?.seen ?? "";
  const why = part.finding?.why === undefined ? "" : `<br>${text(part.finding.why)}`;
  return `<tr><th scope="row">${part.part.id} ${
    text(part.part.title)
  }</th><td class="text ${kind}">${part.verdict}${
    part.tries > 1 ? ` (failed ${part.fails} of ${part.tries})` : ""
  }</td><td>${number(points)} of ${number(of)}</td><td class="text">${text(seen)}${why}</td></tr>`;
}

function attemptBlock(result: CheckResult, { evidence, seconds }: Attempt): string {
  if (evidence === undefined) return "";
  const isFine = result.parts.every(({ verdict }) => verdict === "passed");
  const words = networkWords(evidence);
  const screens = evidence.shown.map(({ host, role, command, ending, last }) =>
    `<h3>h${host}, ${role} <small>${text(ending)}</small></h3><pre>$ ${text(command)}\n${
      text(last.join("\n"))
    }</pre>`
  ).join("\n");
  return `${matrixTable(evidence)}
${words.map((one) => `<p>${text(one)}</p>`).join("\n")}
${isFine ? "" : `<p>Often: ${text(result.check.habit)}.</p>`}
<details${isFine ? "" : " open"}><summary>screens, calls (${Math.round(seconds)} s)</summary>
${callsTable(evidence)}
${screens}</details>`;
}

function matrixTable({ bytes, hasPairs }: Evidence): string {
  if (bytes === undefined || bytes.length === 0) return "";
  const hosts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
  if (!hasPairs) {
    const row = (name: string, of: (host: number) => number | undefined) =>
      `<tr><th scope="row">${name}</th>${
        hosts.map((host) => `<td>${size(of(host) ?? 0)}</td>`).join("")
      }</tr>`;
    const head = hosts.map((host) => `<th scope="col">h${host}</th>`).join("");
    return `<table><caption>bytes</caption><tr><td></td>${head}</tr>\n${
      row("taken", (host) => bytes[0]?.[host])
    }\n${row("given", (host) => bytes[host]?.[0])}</table>`;
  }
  const head = hosts.map((to) => `<th scope="col">to h${to}</th>`).join("");
  const rows = hosts.map((from) =>
    `<tr><th scope="row">from h${from}</th>${
      hosts.map((to) => `<td>${size(bytes[from]?.[to] ?? 0)}</td>`).join("")
    }</tr>`
  ).join("\n");
  return `<table><caption>bytes</caption><tr><td></td>${head}</tr>\n${rows}</table>`;
}

function callsTable({ calls, listeners }: Evidence): string {
  const rows = [...calls.called].map(([call, packets]) =>
    `<tr><th scope="row">${text(call)}</th><td>${packets}</td><td>${
      calls.refused.get(call) ?? 0
    }</td></tr>`
  ).join("\n");
  const listening = listeners.map((list, host) => ({ list, host }))
    .filter(({ list }) => list.length > 0)
    .map(({ list, host }) => `h${host} ${list.join(", ")}`).join(" · ");
  if (rows === "" && listening === "") return "";
  return `<table><tr><th class="text">call</th><th>times</th><th>refused</th></tr>\n${rows}</table>
<p>listening: ${text(listening)}</p>`;
}

function text(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
