/**
 * Writes down what the checks of built-in scenarios measure with twenty seeds, after a rule or a limit
 * was changed: `deno task lab:spreads`, or of some alone `deno task lab:spreads tracker-dies`. Those of
 * real programs are measured by name alone (`deno task lab:spreads board`), while nothing else runs.
 *
 * @module
 */
import { measureRealSpread } from "../tests/lab/spreads/measure_real_spreads.ts";
import { builtIn, measureSpread } from "../tests/lab/spreads/measure_spreads.ts";

const folder = new URL("../tests/lab/spreads/", import.meta.url);

/** Measures those that are named, or all that are kept, and writes each down at once. */
async function write(
  file: string,
  measure: (name: string) => Promise<unknown>,
  names: readonly string[] | undefined,
): Promise<void> {
  const path = new URL(file, folder);
  const spreads = JSON.parse(await Deno.readTextFile(path));
  for (const name of names ?? Object.keys(spreads)) {
    spreads[name] = await measure(name);
    await Deno.writeTextFile(path, JSON.stringify(spreads, undefined, 2) + "\n");
  }
}

/** Whether real programs play it, in every variant. */
function isReal(name: string): boolean {
  return [...builtIn(name).variants.values()].every(({ world }) => world === "real");
}

if (Deno.args.length === 0) await write("spreads.json", measureSpread, undefined);
else {
  await write("spreads.json", measureSpread, Deno.args.filter((name) => !isReal(name)));
  await write("real_spreads.json", measureRealSpread, Deno.args.filter(isReal));
}
