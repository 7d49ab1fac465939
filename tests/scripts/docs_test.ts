import { dirname, join } from "@std/path";
import { assertEquals } from "../support/assert.ts";
import { eventSamples, generatedDocs } from "../../scripts/docs.ts";
import { EVENTS, schemaProblem } from "../../shell/help/event_schema.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

Deno.test("generated pages of docs/ say what the tables and comments say (else: deno task docs)", async () => {
  for (const [path, text] of await generatedDocs()) {
    assertEquals(await Deno.readTextFile(join(ROOT, path)), text, `${path}: run deno task docs`);
  }
});

Deno.test("every link of README and docs/ to a file of the project leads somewhere", async () => {
  const pages = ["README.md", "DESIGN.md", "CONTRIBUTING.md"];
  for await (const entry of Deno.readDir(join(ROOT, "docs"))) {
    if (entry.name.endsWith(".md")) pages.push(`docs/${entry.name}`);
  }
  const gone: string[] = [];
  for (const page of pages) {
    const text = await Deno.readTextFile(join(ROOT, page));
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const found = await Deno.stat(join(ROOT, dirname(page), target!)).catch(() => undefined);
      if (found === undefined) gone.push(`${page} links to ${target}`);
    }
  }
  assertEquals(gone, []);
});

Deno.test("every event has a sample line that is as documented", async () => {
  const samples = await eventSamples();
  assertEquals(Object.keys(EVENTS).filter((event) => !samples.has(event)), []);
  const problems = [...samples.values()].map((line) => schemaProblem(JSON.parse(line)));
  assertEquals(problems.filter((problem) => problem !== undefined), []);
});
