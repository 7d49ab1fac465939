import { VirtualSwarm } from "../../../lab/virtual/virtual_swarm.ts";
import { assert } from "../../support/assert.ts";
import { CountedSteps } from "./counted_steps.ts";

/** A swarm of 2 MiB, five arrivals a second, for five minutes. */
function play(peers: number, connections: number): void {
  const swarm = new VirtualSwarm(1, 32, 1 << 16, { connections });
  swarm.add({ seed: true });
  for (let i = 1; i < peers; i++) swarm.time.at(200 * i, () => void swarm.add());
  swarm.time.runUntil(() => false, 300_000);
  assert(swarm.isComplete, `not all of ${peers} are complete`);
}

Deno.test("the work of a virtual swarm grows no faster than peers x connections", async () => {
  using counted = await CountedSteps.start();
  const costOf = (peers: number, connections: number) => counted.of(() => play(peers, connections));
  // What runs for the first time takes other steps than later.
  await costOf(100, 10);
  const least = await costOf(100, 10);
  const peers = await costOf(400, 10);
  assert(peers <= 4 * least, `100 peers: ${least} steps, 400: ${peers}`);
  const connections = await costOf(100, 40);
  assert(connections <= 4 * least, `10 connections: ${least} steps, 40: ${connections}`);
});
