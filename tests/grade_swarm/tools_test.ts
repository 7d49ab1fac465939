/**
 * Tools that a system lacks or has: without nft sums stand for pairs, packets are recorded on request.
 *
 * @module
 */
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { canMakeSwarmHosts, FOLDER } from "./marked.ts";

const ignore = !await canMakeSwarmHosts();
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

async function grade(
  args: readonly string[],
  before: readonly string[] = [],
): Promise<Record<string, unknown>[]> {
  const command = [
    ...before,
    ...[Deno.execPath(), "run", "-A", "--quiet", MAIN, "grade", "swarm"],
    ...[join(FOLDER, "swarm.jsonc"), "--json", ...args],
  ];
  const { stdout, stderr } = await new Deno.Command(command[0]!, { args: command.slice(1) })
    .output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(/\n\s+at /.test(errors!), false, errors);
  return text!.trim().split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

Deno.test({
  name: "without nft: sources are told by what each host gave in all",
  ignore,
  fn: async () => {
    // Nothing that is called nft can be run there.
    const hide = `for at in /usr/sbin/nft /sbin/nft /usr/bin/nft; do
      [ -e "$at" ] && mount --bind /dev/null "$(readlink -f "$at")"; done; exec "$@"`;
    await using folder = await TempFolder.make();
    const events = await grade(
      ["--only", "S6", "--out", folder.path],
      ["unshare", "-U", "-r", "-m", "/bin/sh", "-c", hide, "sh"],
    );
    const part = events.find(({ part }) => part === "S6");
    assertEquals(part?.verdict, "passed", JSON.stringify(events));
    assertMatch(String(part!.seen), /h2 gave \d\d %, h3 \d\d %, busy together/);
    const page = await Deno.readTextFile(join(folder.path, "report.html"));
    assertMatch(page, /<th scope="row">taken<\/th>.*\n<tr><th scope="row">given<\/th>/);
  },
});

Deno.test({ name: "--packets records what goes between hosts", ignore }, async () => {
  await using folder = await TempFolder.make();
  const events = await grade(["--only", "S9c", "--packets", "--out", folder.path]);
  assertEquals(events.find(({ part }) => part === "S9c")?.verdict, "passed");
  const { size } = await Deno.stat(join(folder.path, "S9c", "packets.pcap"));
  // The file of 50,000 bytes went over the network, with its headers.
  assert(size > 50_000, `${size}`);
});
