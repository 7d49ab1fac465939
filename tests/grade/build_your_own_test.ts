import { join } from "@std/path";
import { STEPS } from "../../lab/grade/mod.ts";
import { PROGRAMS } from "../../shell/programs/mod.ts";
import { typedName } from "../../shell/flags/flags.ts";
import { assert, assertEquals } from "../support/assert.ts";

const DOCS = join(import.meta.dirname!, "..", "..", "docs");

for (const page of ["build-your-own.md", "grading.md", "classic-mistakes.md"]) {
  Deno.test(`the commands of docs/${page} name flags, steps and probes that there are`, async () => {
    const text = await Deno.readTextFile(join(DOCS, page));
    const commands = [...text.matchAll(/^vtorrent grade (?:peer|tracker|list) .*$/gm)]
      .map(([line]) => line.split(" -- ")[0]!);
    assert(commands.length > 0);
    const flags = PROGRAMS.find(({ name }) => name === "grade")!.flags.map(typedName);
    const ids = Object.values(STEPS).flat()
      .flatMap(({ id, probes }) => [id, ...probes.map((probe) => probe.id)]);
    for (const command of commands) {
      for (const [, flag] of command.matchAll(/ --([a-z-]+)/g)) {
        assert(flags.includes(flag as never), `${command}: no flag --${flag}`);
      }
      const only = / --only (\S+)/.exec(command)?.[1]?.split(",") ?? [];
      assertEquals(only.filter((id) => !ids.includes(id)), [], command);
    }
  });
}

Deno.test("eleven steps to a peer of one's own prove every step of the table", async () => {
  const text = await Deno.readTextFile(join(DOCS, "build-your-own.md"));
  assertEquals(text.match(/^## \d+\. /gm)?.length, 11);
  const proved = [...text.matchAll(/--only ([\w.,]+)/g)].flatMap(([, ids]) => ids!.split(","));
  assertEquals(STEPS.peer.filter(({ id }) => !proved.includes(id)).map(({ id }) => id), []);
});

Deno.test("headings that build-your-own.md links to are in reading.md", async () => {
  const text = await Deno.readTextFile(join(DOCS, "build-your-own.md"));
  const reading = await Deno.readTextFile(join(DOCS, "reading.md"));
  const anchors = [...reading.matchAll(/^## (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-")
  );
  const linked = [...text.matchAll(/reading\.md#([\w-]+)/g)].map(([, anchor]) => anchor!);
  assert(linked.length >= 4);
  assertEquals(linked.filter((anchor) => !anchors.includes(anchor)), []);
});
