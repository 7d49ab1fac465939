/**
 * Runs on hosts of their own: what they tell is what wires tell, and nothing of them stays, however they
 * end.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { leaveOut } from "../../support/left_out.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const MAIN = join(import.meta.dirname!, "../../../main.ts");

/** Starts `lab run` from source. */
function lab(args: readonly string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", MAIN, "lab", "run", ...args],
    ...{ env, stdin: "null", stdout: "piped", stderr: "piped" },
  });
}

async function canMakeHosts(): Promise<boolean> {
  const { code, stderr } = await lab(["on-the-wire", "--netns"]).output();
  if (code !== 5) return true;
  const why = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  return leaveOut(`needs network namespaces: ${why}`);
}

/** Processes of the runs whose folders lie in `folder`. */
async function processesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const said = await Deno.readTextFile(`/proc/${name}/environ`).catch(() => "");
    if (said.includes(`TMPDIR=${folder}`)) found.push(name);
  }
  return found;
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _ of Deno.readDir(folder)) return false;
  return (await processesOf(folder)).length === 0;
}

Deno.test("on hosts of their own two peers exchange a file, and all that they say is read", async () => {
  if (!await canMakeHosts()) return;
  await using folder = await TempFolder.make();
  const args = ["on-the-wire", "--netns", "--json", "--out", folder.at("out")];
  const { code, stdout } = await lab(args).output();
  const said = new TextDecoder().decode(stdout);
  assert(code === 0 || code === 5, said);
  const judged = said.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ event }) => event === "judged");
  assertEquals(judged.filter(({ verdict }) => verdict === "failed"), []);
  assert(judged.some(({ measure, value }) => measure === "complete" && value === 1), said);
  for (const part of ["report.html", "logs", "wire"]) await Deno.stat(folder.at(`out/${part}`));
});

for (const ends of ["SIGINT", "SIGINT twice", "SIGKILL"] as const) {
  Deno.test(`a run on hosts of their own that ends by ${ends} leaves nothing behind`, async () => {
    if (!await canMakeHosts()) return;
    await using folder = await TempFolder.make();
    const args = ["board", "--netns", "--json", "--set", "peers.seed.up=20k"];
    const child = lab(args, { TMPDIR: folder.path }).spawn();
    const output = Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    // The lab, its hosts, and a program on one of them.
    while ((await processesOf(join(folder.path, "vtorrent-lab-"))).length < 4) await pause();
    if (ends === "SIGKILL") child.kill("SIGKILL");
    else {
      child.kill("SIGINT");
      if (ends === "SIGINT twice") child.kill("SIGINT");
    }
    await child.status;
    await output;
    while (!await isEmpty(folder.path)) await pause();
  });
}

Deno.test("where hosts cannot be made, one sentence says why and what to do, and the status is 5", async () => {
  if (Deno.build.os !== "linux") return;
  await using folder = await TempFolder.make();
  await Deno.writeTextFile(
    folder.at("unshare"),
    "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n",
    { mode: 0o755 },
  );
  const path = `${folder.path}:${Deno.env.get("PATH")}`;
  const { code, stderr } = await lab(["on-the-wire", "--netns"], { PATH: path }).output();
  const said = new TextDecoder().decode(stderr);
  assertEquals(code, 5, said);
  assertStringIncludes(said, "Operation not permitted");
  assertStringIncludes(said, "Leave out --netns");
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
