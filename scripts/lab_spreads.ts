/**
 * Writes down what the checks of built-in scenarios measure with twenty seeds, after a rule or a limit
 * was changed: `deno task lab:spreads`, or of some alone `deno task lab:spreads tracker-dies`.
 *
 * @module
 */
import { measureSpread } from "../tests/lab/spreads/measure_spreads.ts";

const path = new URL("../tests/lab/spreads/spreads.json", import.meta.url);
const spreads = JSON.parse(await Deno.readTextFile(path));
for (const name of Deno.args.length > 0 ? Deno.args : Object.keys(spreads)) {
  spreads[name] = await measureSpread(name);
}
await Deno.writeTextFile(path, JSON.stringify(spreads, undefined, 2) + "\n");
