/**
 * The table of Kurose and Ross where neither `scaling` nor its page tries it: the third rate, and the
 * row of a thousand: with `LAB_TABLE=all`, seven minutes.
 *
 * @module
 */
import { type Experiment, runExperiment } from "../../../lab/experiment/experiment.ts";
import { BUILT_IN } from "../../../lab/scenario/built_in/mod.ts";
import { readScenario } from "../../../lab/scenario/read_scenario.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import { assertEquals } from "../../support/assert.ts";

async function judged(
  name: string,
  { settings = [], only }: { settings?: string[]; only?: string[] } = {},
): Promise<string[]> {
  const options = { settings, ...(only === undefined ? {} : { only }) };
  const never = () => Promise.reject(new Error("not asked for"));
  const { judgements }: Experiment = await runExperiment(
    readScenario(BUILT_IN.get(name)!, name, { didYouMean: () => "", ...options }),
    {
      worlds: {
        virtual: () => Promise.resolve(new VirtualWorld()),
        ...{ engines: never, real: never },
      },
      seeds: [1],
    },
  );
  return judgements.map(({ variant, check, verdict }) => `${variant}: ${check.measure} ${verdict}`);
}

Deno.test("a hundred peers that give 1 Mbit/s need a quarter more than the least time at most", async () => {
  const only = ["peer-to-peer, 10", "peer-to-peer, 100"];
  // 1:60 of the book's: the faster the peers, the fewer choke rounds are in the same file.
  const settings = ["peers.leech.up=1 Mbit/s", "content.size=31.25 MB"];
  assertEquals(await judged("scaling", { only, settings }), [
    "peer-to-peer, 10: by_p2p passed",
    "peer-to-peer, 100: by_p2p passed",
  ]);
});

Deno.test({
  name: "a thousand clients and a thousand peers take what the book says",
  ignore: Deno.env.get("LAB_TABLE") === undefined,
  fn: async () => {
    assertEquals(await judged("scaling-1000"), [
      "client-server, 1000: by_client_server passed",
      "0.5 Mbit/s, 1000: by_p2p passed",
      "1 Mbit/s, 1000: by_p2p passed",
    ]);
  },
});
