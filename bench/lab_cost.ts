/**
 * What a swarm in virtual time costs, by how many peers come to it: processor time of this program and
 * memory, each size in a process of its own.
 *
 *     deno run --allow-all bench/lab_cost.ts [PEERS…]
 *
 * @module
 */
import process from "node:process";
import { VirtualWorld } from "../lab/virtual/virtual_world.ts";
import { manyPeers } from "../tests/lab/virtual/many_peers.ts";

const SIZES = [100, 300, 1000];
const MIB = 1 << 20;

const [first, ...more] = Deno.args;

if (first === "--one") await play(Number(more[0]));
else {
  say("| peers | CPU s | peak RSS MiB | virtual s | events |");
  say("| ---: | ---: | ---: | ---: | ---: |");
  for (const peers of first === undefined ? SIZES : Deno.args.map(Number)) {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", import.meta.filename!, "--one", String(peers)],
      stderr: "null",
      stdout: "inherit",
    }).output();
    if (!success) throw new Error(`The run of ${peers} peers ended with an error`);
  }
}

/** One run; a line of the table. */
async function play(peers: number): Promise<void> {
  const record = await new VirtualWorld().run(manyPeers(peers));
  const { user, system } = process.cpuUsage();
  const cpu = ((user + system) / 1e6).toFixed(1);
  // The most that it ever was, in KiB.
  const memory = Math.round(process.resourceUsage().maxRSS * 1024 / MIB);
  const seconds = (record.endedAt / 1000).toFixed(0);
  say(`| ${peers} | ${cpu} | ${memory} | ${seconds} | ${record.events.length} |`);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}
