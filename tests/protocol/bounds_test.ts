import * as bounds from "../../protocol/bounds.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** The ways in which a bound is written for people. */
function written(value: number): string[] {
  const forms = [value.toLocaleString("en"), String(value)];
  const power = Math.log2(value);
  if (Number.isInteger(power)) forms.push(`2^${power}`);
  if (value % 2 ** 20 === 0) forms.push(`${value / 2 ** 20} MiB`);
  // BEP 52's longest claim is a block short of it.
  if (value > 2 ** 20) forms.push(`${Math.ceil(value / 2 ** 20)} MiB`);
  return forms;
}

Deno.test("every bound of torrents and links is in DESIGN's table", async () => {
  const design = await Deno.readTextFile(new URL("../../DESIGN.md", import.meta.url));
  const table = design.split("## Bounds")[1]!.split("\n## ")[0]!;
  const named = table.split("\n").filter((line) => line.startsWith("|")).join("\n");
  const missing = Object.entries(bounds).filter(([, value]) =>
    !written(value).some((form) => new RegExp(`(?<![\\d,^])${escape(form)}(?![\\d,])`).test(named))
  );
  assertEquals(missing, []);
  assert(Object.keys(bounds).length > 15);
});

function escape(text: string): string {
  return text.replace(/[\^.]/g, "\\$&");
}
