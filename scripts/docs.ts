/**
 * Writes the pages of docs/ that are made from tables and module comments:
 *
 *     deno task docs
 *
 * @module
 */
import { join } from "@std/path";
import { scenarioSchema } from "../lab/scenario/keys.ts";
import { eventsPage } from "../shell/help/event_schema.ts";
import { PROGRAMS } from "../shell/programs/mod.ts";
import { referencePage } from "../shell/help/reference.ts";
import { glossaryPage } from "./glossary.ts";
import { labParts } from "./lab_page.ts";
import { matrixPart } from "./matrix_page.ts";
import { mistakesPage } from "./mistakes_page.ts";

const ROOT = join(import.meta.dirname!, "..");

/** File → its text as it should be. */
export async function generatedDocs(): Promise<Map<string, string>> {
  return new Map([
    ["docs/reference.md", wrapProse(referencePage(PROGRAMS))],
    ["docs/events.md", wrapProse(eventsPage(await eventSamples()))],
    ["docs/glossary.md", glossaryPage()],
    ["docs/classic-mistakes.md", wrapProse(mistakesPage())],
    ["docs/lab-scenario.schema.json", JSON.stringify(scenarioSchema(), undefined, 2) + "\n"],
    ["docs/lab.md", await fill("docs/lab.md", labParts())],
    ["docs/other-clients.md", await fill("docs/other-clients.md", { matrix: matrixPart() })],
  ]);
}

/** Lines of `docs/events.jsonl` by their event. */
export async function eventSamples(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(join(ROOT, "docs/events.jsonl"));
  return new Map(text.trimEnd().split("\n").map((line) => [JSON.parse(line).event, line]));
}

/** Puts each part between its marks: `<!-- verbs -->` and `<!-- /verbs -->`. */
async function fill(page: string, parts: Record<string, string>): Promise<string> {
  let text = await Deno.readTextFile(join(ROOT, page));
  for (const [name, part] of Object.entries(parts)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${page} has no place for "${name}": ${start}`);
    text = `${text.slice(0, from + start.length)}\n\n${part}\n\n${text.slice(to)}`;
  }
  return text;
}

/** Paragraphs in lines of at most 100 characters, as the formatter wants them. */
function wrapProse(text: string): string {
  return text.split("\n\n").map((part) => /^(#|\||```|<!--)/.test(part) ? part : wrapLine(part))
    .join("\n\n");
}

function wrapLine(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    if (line !== "" && line.length + 1 + word.length > 100) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n") + (text.endsWith("\n") ? "\n" : "");
}

if (import.meta.main) {
  for (const [path, text] of await generatedDocs()) {
    await Deno.mkdir(join(ROOT, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(ROOT, path), text);
  }
}
