/**
 * What is typed wrongly is told before anything runs.
 *
 * @module
 */
import { runProgram } from "../../shell/program.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TestWorld } from "../support/test_world.ts";

/** Exit status and last line. */
async function grade(cwd: string, ...args: string[]): Promise<[number, string]> {
  const world = new TestWorld({ args: ["grade", "swarm", ...args], cwd });
  const status = await runProgram(world);
  return [status, (world.stderr.text.trim() || world.stdout.text.trim()).split("\n").at(-1)!];
}

Deno.test("grade swarm: a word, a flag or a folder that makes no sense is told in one line", async () => {
  await using folder = await TempFolder.make();
  await Deno.writeTextFile(
    folder.at("mine.jsonc"),
    `{"grade": 1, "folder": ".", "share": {"run": "true"}, "download": {"run": "true"}}`,
  );
  const cases: [string[], string][] = [
    [["rehearse"], "grade swarm needs a template: vtorrent grade swarm mine.jsonc rehearse"],
    [["inti"], `There is no template inti. Did you mean "init"?`],
    [["nine.jsonc"], "There is no template nine.jsonc. vtorrent grade swarm init writes one"],
    [["mine.jsonc", "rehearse", "S1"], `Nothing comes behind rehearse, not "S1"`],
    [["mine.jsonc", "--hosts", "2"], "--hosts is at least 3: h1 tracks, h2 shares, h3 fetches"],
    [["mine.jsonc", "--watch", "."], "--watch is for grade peer and grade tracker"],
    [["mine.jsonc", "--each", ".", "--junit", "x"], "--junit is of one team. With --each, every"],
    [["init", "mine.jsonc"], "mine.jsonc is there already: name another file"],
    [["init", "no/mine.jsonc"], "There is no folder no for mine.jsonc"],
  ];
  for (const [args, says] of cases) {
    const [code, line] = await grade(folder.path, ...args);
    assertEquals(line.slice(0, `error: ${says}`.length), `error: ${says}`, args.join(" "));
    assertEquals(code, args[0] === "init" && says.includes("already") ? 13 : 28);
  }
  assertMatch(await Deno.readTextFile(folder.at("mine.jsonc")), /^\{"grade"/);
});
