/**
 * `vtorrent lab run --watch`: every program of a real run is on the swarm board, of whatever make.
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
        const [mine, seed] = seats;
        if (seats.length < 2 || mine!.progress === 0 || mine!.progress === 1) continue;
        if (seed!.links.some(({ name, rate }) => name === "mine" && rate > 0)) seen.add("rate");
        seen.add("pieces");
      }
    } catch (error) {
      // The run, and the board with it, may end at any moment.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  assertEquals(await running, 0, world.stdout.text + world.stderr.text);
  assertEquals(names, ["mine", "seed"]);
  assert(seen.has("pieces") && seen.has("rate"), [...seen].join());
});

Deno.test("lab run --watch says what it cannot show", async () => {
  await using folder = await TempFolder.make();
  await folder.write("small.jsonc", small("60s"));
  const { status, err } = await runLab(folder, ["run", "small.jsonc", "--watch"]);
  assertEquals(status, 28);
  assertStringIncludes(err, "--watch shows real programs, and small is played in virtual time");
});
