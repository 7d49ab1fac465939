/**
 * A swarm of aria2 with npm's tracker, marked by the template in `docs/`: full marks.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { fileURLToPath } from "node:url";
import { readTemplate, type Template } from "../../lab/grade/swarm/template.ts";
import { didYouMean } from "../../shell/base/did_you_mean.ts";
import { assertEquals } from "../support/assert.ts";
import { isInstalled } from "../support/other_clients.ts";
import { runToEnd } from "../support/process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { canMakeSwarmHosts, mark, seenOf, verdicts } from "./marked.ts";

const TEMPLATE = fileURLToPath(new URL("../../docs/grading/swarm/aria2.jsonc", import.meta.url));
const all = Deno.env.get("VTORRENT_SWARM_MUTANTS") === "all";
const ignore = !await canMakeSwarmHosts() || !await isInstalled("aria2c", "aria2") ||
  !await isInstalled("node", "nodejs") ||
  !await isInstalled("mktorrent", "mktorrent", ["-h"]);

/** The template on a copy of its folder, in which one file stands for what npm installs there. */
async function templateIn(folder: string): Promise<Template> {
  const script = join(dirname(TEMPLATE), "aria2", "tracker.mjs");
  const bundle = ["bundle", "--quiet", "--output", join(folder, "tracker.mjs"), script];
  const { code, stderr } = await runToEnd(Deno.execPath(), bundle);
  assertEquals(code, 0, stderr);
  return { ...readTemplate(await Deno.readTextFile(TEMPLATE), TEMPLATE, didYouMean), folder };
}

Deno.test({ name: "hosts: aria2 with npm's tracker is found right", ignore }, async () => {
  await using folder = await TempFolder.make();
  const only = all ? [] : ["S1"];
  const result = await mark(await templateIn(folder.path), { only, again: true });
  const others = Object.entries(verdicts(result)).filter(([, verdict]) => verdict !== "passed");
  assertEquals(others.map(([part, verdict]) => [part, verdict, seenOf(result, part)]), []);
});
