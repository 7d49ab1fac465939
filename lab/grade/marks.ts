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

/** Whether one of these patterns means a probe. */
export function fits(patterns: readonly string[], step: string, probe: string): boolean {
  return patterns.some((pattern) =>
    pattern === step || pattern === probe || pattern === `${step}.*`
  );
}
