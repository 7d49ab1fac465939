import { EngineWorld } from "../../../lab/engines/engine_world.ts";
import { VirtualWorld } from "../../../lab/virtual/virtual_world.ts";
import { assertEquals } from "../../support/assert.ts";
import { brokenIn } from "./invariants.ts";
import { randomEngines } from "./random_engines.ts";
import { FAST_DOWN_RATES, randomPlan } from "./random_plan.ts";

/** `LAB_RANDOM=1-1000` plays others; `deno task lab:random` says what broke in each. */
const [first, last] = (Deno.env.get("LAB_RANDOM") ?? "1-200").split("-").map(Number);

Deno.test(`in random swarms ${first} to ${last} all that must hold does`, async () => {
  const broken: string[] = [];
  for (let seed = first!; seed <= last!; seed++) {
    const plan = randomPlan(seed);
    const found = brokenIn(plan, await new VirtualWorld().run(plan));
    broken.push(...found.map((what) => `seed ${seed}: ${what}`));
  }
  assertEquals(broken, []);
});

/** `LAB_ENGINES=1-100` plays others, `deno task lab:random 1-100 engines` says what broke. */
const [firstEngines, lastEngines] = (Deno.env.get("LAB_ENGINES") ?? "8-10").split("-").map(Number);

Deno.test(`in random swarms of whole engines ${firstEngines} to ${lastEngines} all that must hold does`, async () => {
  const broken: string[] = [];
  for (let seed = firstEngines!; seed <= lastEngines!; seed++) {
    const plan = randomEngines(seed);
    const found = brokenIn(plan, await new EngineWorld().run(plan));
    broken.push(...found.map((what) => `seed ${seed}: ${what}`));
  }
  assertEquals(broken, []);
});

Deno.test("swarm 45 of whole engines, where one leaves soon after it announced, holds", async () => {
  const plan = randomEngines(45);
  assertEquals(brokenIn(plan, await new EngineWorld().run(plan)), []);
});

/** In these 2 to 3 % came twice: large pieces, uplinks of 20 to 50 kB/s beside some of 1 MB/s. */
for (const seed of [53, 270, 286, 304, 325, 590]) {
  Deno.test(`swarm ${seed}, in which blocks came twice, holds`, async () => {
    const plan = randomPlan(seed, FAST_DOWN_RATES);
    assertEquals(brokenIn(plan, await new VirtualWorld().run(plan)), []);
  });
}

/** In these, too: what a seed kept a peer waiting for was asked for again, and came twice. */
for (const seed of [270, 332, 384, 473, 518, 842, 896]) {
  Deno.test(`swarm ${seed} with slow downlinks, in which blocks came twice, holds`, async () => {
    const plan = randomPlan(seed);
    assertEquals(brokenIn(plan, await new VirtualWorld().run(plan)), []);
  });
}
