/**
 * The line between two members: as the network is, but for what pairs of a scenario say of these two.
 *
 * @module
 */
import type { Line, Net } from "./run_plan.ts";

/** The same in both directions. Of several pairs that are about the two, the last one counts. */
export function lineBetween({ pairs = [], ...line }: Net, one: string, other: string): Line {
  for (const { between: [some, others], ...own } of pairs) {
    const isMeant = some.includes(one) && others.includes(other) ||
      some.includes(other) && others.includes(one);
    if (isMeant) line = { ...line, ...own };
  }
  return line;
}
