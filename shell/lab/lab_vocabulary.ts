/**
 * What completions know of the lab: its scenarios with their groups, and what `--set` may change.
 *
 * @module
 */
import { BUILT_IN } from "../../lab/scenario/built_in/mod.ts";
import { type Settable, settables } from "../../lab/scenario/settings.ts";
import { builtIn } from "./lab_call.ts";

/** Reads it off the scenarios and the table of keys. */
export function labVocabulary(): {
  scenarios: ReadonlyMap<string, readonly string[]>;
  own: readonly Settable[];
  ofGroup: readonly Settable[];
} {
  const scenarios = new Map([...BUILT_IN.keys()].map((name) => {
    const groups = [...builtIn(name).variants.values()].flatMap(({ groups }) => groups);
    return [name, [...new Set(groups.map(({ as }) => as))]];
  }));
  return { scenarios, ...settables() };
}
