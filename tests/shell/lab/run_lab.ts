/**
 * `vtorrent lab` in a test: a run of it, and a scenario with every figure.
 *
 * @module
 */
import { runProgram } from "../../../shell/program.ts";
import type { TempFolder } from "../../support/temp_folder.ts";
import { TestWorld } from "../../support/test_world.ts";

/** Runs `vtorrent lab` with these arguments; `lines` are typed. */
export async function runLab(folder: TempFolder, args: string[], lines: string[] = []) {
  const world = new TestWorld({ args: ["lab", ...args], cwd: folder.path, lines });
  const status = await runProgram(world);
  const { browsed, stdout, stderr } = world;
  return { status, out: stdout.text, err: stderr.text, browsed };
}

/** A swarm of four that is done in a moment, every figure, and checks that hold but for one. */
export function small(limit: string): string {
  return `{
  "lab": 1, "name": "small", "seeds": "1-2", "limit": "3m",
  "question": "Is it <quick>?", "hypothesis": "It is.",
  "predict": { "ask": "How long?", "measure": "makespan", "variant": "one" },
  "content": { "size": "1 MiB", "piece_length": "64 KiB" },
  "peers": [
    { "as": "seed", "have": 1, "up": "400k" },
    { "as": "leech", "count": 3, "up": "200k", "down": "1M" }
  ],
  "variants": { "one": {}, "slow, 2": { "peers.seed.up": "100k" } },
  "draw": [
    { "figure": "completion" }, { "figure": "copies" }, { "figure": "uplinks" },
    { "figure": "population" }, { "figure": "chokes" }, { "figure": "clusters" },
    { "figure": "given_taken" }, { "figure": "matrix" }, { "figure": "lifeline" },
    { "figure": "scaling" }, { "figure": "board" }, { "figure": "failures" },
    { "figure": "sources" }, { "figure": "sequence" }, { "figure": "bars", "measure": "makespan" }
  ],
  "check": [
    { "measure": "complete", "is": true, "why": "the seed stays" },
    { "measure": "makespan", "variant": "slow, 2", "above": { "variant": "one" }, "why": "a slower seed" },
    { "measure": "makespan", "variant": "one", "at_most": "${limit}", "why": "it is small & near" }
  ]
}`;
}
