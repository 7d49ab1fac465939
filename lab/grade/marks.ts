/**
 * The points of probes by a rubric's marks.
 *
 * @module
 */
import type { Rubric } from "./rubric.ts";
import type { Step } from "./step.ts";

/**
 * The steps with the points of a rubric; probes that its marks do not name are worth nothing, and those
 * that it demands fail where what they are about is not offered.
 */
export function withMarks(
  steps: readonly Step[],
  { marks, demands = [] }: Pick<Rubric, "marks" | "demands">,
): Step[] {
  if (marks === undefined) return steps.map((step) => withDemands(step, demands));
  const weights = new Map<string, number>();
  for (const { points, of } of marks) {
    const probes = steps.flatMap((step) => step.probes.filter(({ id }) => fits(of, step.id, id)));
    const total = probes.reduce((sum, probe) => sum + probe.points, 0);
    for (const probe of probes) {
      const share = points * probe.points / total;
      weights.set(probe.id, (weights.get(probe.id) ?? 0) + share);
    }
  }
  return steps.map((step) => ({
    ...step,
    probes: step.probes.map((probe) => ({
      ...probe,
      points: weights.get(probe.id) ?? 0,
    })),
  })).map((step) => withDemands(step, demands));
}

function withDemands(step: Step, demands: readonly string[]): Step {
  const probes = step.probes.map((probe) => ({
    ...probe,
    demanded: fits(demands, step.id, probe.id),
  }));
  return { ...step, probes };
}

/**
 * The steps as a rubric has them: with its points, without what it leaves out in silence. What it says
 * about single probes, they have with them.
 *
 * @param asked IDs of steps and probes that are wanted even where they are worth nothing
 */
export function stepsOf(
  steps: readonly Step[],
  rubric: Rubric,
  asked: readonly string[] = [],
): Step[] {
  const { without = {}, known = {}, commands = {} } = rubric;
  return withMarks(steps, rubric).map((step) => {
    const probes = step.probes.flatMap((probe) => {
      const { id, points, uses = [] } = probe;
      const out = patternOf(without, step.id, id);
      const leftOut = out && without[out];
      const isSilent = out !== undefined || uses.some((word) => commands[word] === null);
      const isWanted = points > 0 || asked.includes(id) || asked.includes(step.id);
      if (!isWanted || (isSilent && leftOut === undefined)) return [];
      const failing = patternOf(known, step.id, id);
      return [{
        ...probe,
        ...(leftOut === undefined ? {} : { leftOut }),
        ...(failing === undefined ? {} : { known: known[failing]! }),
      }];
    });
    return { ...step, probes };
  }).filter(({ probes }) => probes.length > 0);
}

/** The key that means a probe: its own before that of its step. */
function patternOf(by: Readonly<Record<string, unknown>>, step: string, probe: string) {
  return [probe, step, `${step}.*`].find((pattern) => Object.hasOwn(by, pattern));
}

/** Whether one of these patterns means a probe. */
export function fits(patterns: readonly string[], step: string, probe: string): boolean {
  return patterns.some((pattern) =>
    pattern === step || pattern === probe || pattern === `${step}.*`
  );
}
