import { join } from "@std/path";
import { assert, assertEquals } from "../support/assert.ts";
import { runToEnd } from "../support/process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { VTORRENT } from "../support/vtorrent.ts";

const ignore = Deno.build.os === "windows";
const RUBRIC = join(import.meta.dirname!, "..", "..", "docs", "grading", "vtorrent-peer.jsonc");

/** What the gate runs; everything with `GRADE_ALL=1`. */
const SELECTION = "P2.1,P2.5,P4,P5,P6.3,P6.8,P7,P9,P10";
const all = Deno.env.get("GRADE_ALL") !== undefined;
const only = all ? [] : ["--only", SELECTION];
/** ms: fifty probes, each with a start of the program, on a machine that is busy. */
const PATIENCE = 400_000;

const name = `vtorrent gets full marks for what its programs do (${all ? "all" : SELECTION})`;
Deno.test({ name, ignore }, async () => {
  await using folder = await TempFolder.make();
  const args = ["grade", "peer", "--all", "--rubric", RUBRIC, "--out", folder.path, "--seed", "7"];
  const whole = [...args, ...only, "--", VTORRENT];
  const { code, stdout } = await runToEnd(VTORRENT, whole, { patience: PATIENCE });
  const report = JSON.parse(await Deno.readTextFile(folder.at("report.json")));
  const failed = report.probes.filter(({ verdict }: { verdict: string }) =>
    verdict !== "passed" && verdict !== "left out"
  );
  assertEquals(failed, []);
  assertEquals([code, report.score], [0, report.points], stdout);
  const passed = report.probes.filter(({ verdict }: { verdict: string }) => verdict === "passed");
  assert(passed.length > 35, `${passed.length} probes`);
});
