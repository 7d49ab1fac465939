/**
 * Drawing: every figure that a scenario asks for, and one for each thing that it checks.
 *
 * @module
 */
import type { Experiment } from "../../experiment/experiment.ts";
import type { FigureName } from "../../scenario/measure_names.ts";
import type { Draw } from "../../scenario/scenario.ts";
import type { Figure } from "../figure.ts";
import { boardFigures, clustersFigures, givenTakenFigures, matrixFigures } from "./of_members.ts";
import { sequenceFigures } from "./sequence.ts";
import { barsFigure, checkFigures, scalingFigure } from "./of_variants.ts";
import {
  chokesFigures,
  completionFigure,
  copiesFigures,
  failuresFigure,
  lifelineFigures,
  populationFigure,
  sourcesFigures,
  uplinksFigure,
} from "./over_time.ts";

const DRAWN: Readonly<Record<FigureName, (draw: Draw, experiment: Experiment) => Figure[]>> = {
  completion: completionFigure,
  copies: copiesFigures,
  uplinks: uplinksFigure,
  population: populationFigure,
  chokes: chokesFigures,
  clusters: clustersFigures,
  "given_taken": givenTakenFigures,
  matrix: matrixFigures,
  sequence: sequenceFigures,
  lifeline: lifelineFigures,
  scaling: scalingFigure,
  board: boardFigures,
  failures: failuresFigure,
  sources: sourcesFigures,
  bars: barsFigure,
};

/** All figures of an experiment, each under an id of its own. */
export function figuresOf(experiment: Experiment): Figure[] {
  const figures = [
    ...experiment.scenario.draws.flatMap((draw) => DRAWN[draw.figure](draw, experiment)),
    ...checkFigures(experiment),
  ];
  const used = new Map<string, number>();
  return figures.map((figure) => {
    const count = (used.get(figure.id) ?? 0) + 1;
    used.set(figure.id, count);
    return count === 1 ? figure : { ...figure, id: `${figure.id}-${count}` };
  });
}
