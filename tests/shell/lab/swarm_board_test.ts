/**
 * `vtorrent lab run --watch`: every program of a real run is on the swarm board, of whatever make, and
 * so is every member in virtual time.
 *
 * @module
 */
import { join } from "@std/path";
import { runProgram } from "../../../shell/program.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { isInstalled } from "../../support/other_clients.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";
import { runLab, small } from "./run_lab.ts";

const SMALL_PEER = join(import.meta.dirname!, "..", "..", "lab", "real", "small_peer.py");
const SCENARIO = {
  ...{ lab: 1, name: "pair", world: "real", limit: "1m", question: "?", hypothesis: "!" },
  content: { size: "600 kB", piece_length: "64 KiB" },
  programs: { mine: { run: ["python3", SMALL_PEER, "{torrent}", "{dir}", "{port}"] } },
  peers: [{ as: "seed", have: 1, up: "150k" }, { as: "mine", program: "mine" }],
  check: [{ measure: "complete", is: true, why: "the seed stays" }],
};

/** What is read of a seat. */
interface Seat {
  readonly name: string;
  readonly progress: number;
  readonly links: readonly { readonly name: string; readonly rate: number }[];
}

Deno.test("lab run --watch shows a Python peer on the board while it downloads", async () => {
  if (!await isInstalled("python3", "python3")) return;
  await using folder = await TempFolder.make();
  await folder.write("pair.jsonc", JSON.stringify(SCENARIO));
  const world = new TestWorld({
    args: ["lab", "run", "pair.jsonc", "--watch"],
    cwd: folder.path,
  });
  const running = runProgram(world);
  const { names, seen } = await watch(world, running, "mine");
  assertEquals(await running, 0, world.stdout.text + world.stderr.text);
  assertEquals(names, ["mine", "seed"]);
  assert(seen.has("pieces") && seen.has("rate"), [...seen].join());
});

Deno.test("lab run --watch shows a run in virtual time, whose course stays the same", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const args = ["run", "small.jsonc", "--only", "one"];
  const plain = await runLab(folder, args);
  const world = new TestWorld({
    args: ["lab", ...args, "--watch", "--pace", "5"],
    cwd: folder.path,
  });
  const running = runProgram(world);
  const { names, seen } = await watch(world, running, "leech 1");
  assertEquals(await running, 0, world.stdout.text + world.stderr.text);
  assertEquals(names, ["leech 1", "leech 2", "leech 3", "seed"]);
  assert(seen.has("pieces") && seen.has("rate"), [...seen].join());
  assertEquals(world.stdout.text, plain.out, "the same measures, and the same course of events");
});

Deno.test("lab run says that --pace needs --watch", async () => {
  await using folder = await TempFolder.make();
  const { status, err } = await runLab(folder, ["run", "chokes", "--pace", "5"]);
  assertEquals(status, 28);
  assertStringIncludes(err, "--pace is how fast --watch shows a run in virtual time: add --watch");
});

/** What the board shows until the run is over: who is there, and what was seen of one on its way. */
async function watch(world: TestWorld, running: Promise<number>, whose: string) {
  let isOver = false;
  running.finally(() => isOver = true);
  const seen = new Set<string>();
  let names: string[] = [];
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [, origin] = /Board: (http:\S+)\/#present/.exec(world.stderr.text) ?? [];
    if (origin === undefined) continue;
    try {
      const { swarms } = await (await fetch(`${origin}/api/v1/swarms`)).json();
      for (const { info_hash: infoHash } of swarms) {
        const url = `${origin}/api/v1/swarms/${infoHash}/board`;
        const { seats }: { seats: Seat[] } = await (await fetch(url)).json();
        names = seats.map(({ name }) => name);
        const one = seats.find(({ name }) => name === whose);
        if (one === undefined || one.progress === 0 || one.progress === 1) continue;
        const isGiven = ({ links }: Seat) =>
          links.some(({ name, rate }) => name === whose && rate > 0);
        if (seats.some(isGiven)) seen.add("rate");
        seen.add("pieces");
      }
    } catch (error) {
      // The run, and the board with it, may end at any moment.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return { names, seen };
}
