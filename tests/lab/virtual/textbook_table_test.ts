/**
 * The table of Kurose and Ross at the rate that neither `scaling` nor its page tries.
 *
 * @module
 */
import { runExperiment } from "../../../lab/experiment/experiment.ts";
import { BUILT_IN } from "../../../lab/scenario/built_in/mod.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a hundred peers that give 1 Mbit/s need a quarter more than the least time at most", async () => {
  const scenario = readScenario(BUILT_IN.get("scaling")!, "scaling", {
    didYouMean: () => "",
    // 1:60 of the book's: the faster the peers, the fewer choke rounds are in the same file.
    settings: ["peers.leech.up=1 Mbit/s", "content.size=31.25 MB"],
  });
  const { judgements } = await runExperiment(scenario, {
    worlds: {
      virtual: () => Promise.resolve(new VirtualWorld()),
      engines: () => Promise.reject(new Error("not asked for")),
      real: () => Promise.reject(new Error("not asked for")),
    },
    seeds: [1],
    variants: ["peer-to-peer, 10", "peer-to-peer, 100"],
  });
  assertEquals(
    judgements.map(({ variant, check, verdict }) => `${variant}: ${check.measure} ${verdict}`),
    ["peer-to-peer, 10: by_p2p passed", "peer-to-peer, 100: by_p2p passed"],
  );
});
