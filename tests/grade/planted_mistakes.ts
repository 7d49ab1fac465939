/**
 * Which planted mistakes are looked at, and how many at a time.
 *
 * @module
 */

/**
 * `GRADE_ALL=1`: every mistake with all probes of its step. `GRADE_ALL=P5,one-read`: so it is for the
 * mistakes of these steps and of these names. Without it: the gate's few, each with its own probe.
 */
const GRADE_ALL = Deno.env.get("GRADE_ALL");
/** Whether all probes of a step are run. */
export const WHOLE = GRADE_ALL !== undefined;
/** Mistakes that are looked at together: the probes wait more than they compute. */
const TOGETHER = 3;

/** Whether a mistake is looked at. */
export function isChosen(name: string, step: string, isInGate: boolean): boolean {
  if (GRADE_ALL === undefined) return isInGate;
  const words = GRADE_ALL.split(",");
  return GRADE_ALL === "1" || words.includes(step) || words.includes(name);
}

/** Judges each, several at a time. @throws {AggregateError} with all that was not as it should be */
export async function judgeEach<M>(
  mistakes: readonly M[],
  judge: (mistake: M) => Promise<void>,
): Promise<void> {
  const left = [...mistakes];
  const faults: unknown[] = [];
  await Promise.all(Array.from({ length: TOGETHER }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      await judge(one).catch((fault) => faults.push(fault));
    }
  }));
  if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("\n\n"));
}
