/**
 * Plays random plans in the virtual world and says what broke: `deno task lab:random 1-1000`, or with
 * whole engines `deno task lab:random 1-100 engines`.
 *
 * @module
 */
import { EngineWorld } from "../lab/engines/engine_world.ts";
import { VirtualWorld } from "../lab/virtual/virtual_world.ts";
import { brokenIn } from "../tests/lab/random/invariants.ts";
import { randomEngines } from "../tests/lab/random/random_engines.ts";
import { randomPlan } from "../tests/lab/random/random_plan.ts";

const [first = 1, last = first === 1 ? 200 : first] = (Deno.args[0] ?? "1-200").split("-").map(
  Number,
);
const hasEngines = Deno.args[1] === "engines";
const world = hasEngines ? new EngineWorld() : new VirtualWorld();
const encoder = new TextEncoder();
const print = (line: string) => void Deno.stdout.writeSync(encoder.encode(line + "\n"));
let failed = 0;
for (let seed = first; seed <= last; seed++) {
  const plan = hasEngines ? randomEngines(seed) : randomPlan(seed);
  const record = await world.run(plan);
  const broken = brokenIn(plan, record);
  if (broken.length === 0) continue;
  failed++;
  print(`seed ${seed}: ${broken.join("; ")}`);
}
print(`${last - first + 1} random swarms, ${failed} of them broken`);
if (failed > 0) Deno.exit(1);
