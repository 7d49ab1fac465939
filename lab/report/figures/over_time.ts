/**
 * Figures over time: completion, copies, uplinks, population, failures, sources, lifelines, chokes.
 *
 * @module
 */
import { rounded } from "../../checks/wording.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import {
  completionSteps,
  copiesOverTime,
  countSteps,
  type Point,
  populationSteps,
  uplinkSlices,
} from "../../measures/series.ts";
import { isLeecher, type Tally, tallyOf } from "../../measures/tally.ts";
import type { RunRecord } from "../../run/run_record.ts";
import type { Draw } from "../../scenario/scenario.ts";
import { membersOf } from "../../scenario/scenario.ts";
import {
  type Axis,
  HEIGHT,
  type Lane,
  laneChart,
  lineChart,
  type Series,
  WIDTH,
} from "../chart.ts";
import { type DataTable, type Figure, fileName } from "../figure.ts";

const SECONDS: Axis = { label: "seconds", words: (ms) => rounded(ms / 1000, 1) };
const SHARE = (label: string): Axis => ({
  label,
  words: (share) => `${rounded(100 * share, 0)} %`,
  from: 0,
});
const COUNT = (label: string): Axis => ({
  ...{ label, words: (count) => rounded(count, 1), from: 0, isCount: true },
});

/** The runs that a figure is about: one for each of its variants. */
export function runsOf({ shown }: Experiment, { variants }: Draw): [string, RunRecord][] {
  return [...shown].filter(([variant]) => variants?.includes(variant) ?? true);
}

/** ` in "rarest"`, or nothing where there are no variants. */
export function inVariant(variant: string): string {
  return variant === "" ? "" : ` in "${variant}"`;
}

function named(draw: Draw, otherwise: string, variant = ""): { id: string; title: string } {
  const title = (draw.title ?? otherwise) + inVariant(variant);
  return { id: fileName(`${draw.figure} ${variant}`), title };
}

/** One chart of lines with its table. */
function lines(
  head: { id: string; title: string },
  says: string,
  [x, y]: readonly [Axis, Axis],
  series: readonly Series[],
): Figure {
  return {
    ...head,
    says,
    ...{ width: WIDTH, height: HEIGHT, body: lineChart(x, y, series), table: tableOf(y, series) },
  };
}

/** Up to twenty rows of a series: enough to read it without the drawing. */
function tableOf(y: Axis, series: readonly Series[]): DataTable {
  const rows = series.flatMap(({ name, points }) => {
    const every = Math.ceil(points.length / 20);
    return points.filter((_, index) => index % every === 0 || index === points.length - 1)
      .map(([t, value]) => [name, rounded(t / 1000, 3), y.words(value)]);
  });
  return { head: ["line", "seconds", y.label], rows };
}

export function completionFigure(draw: Draw, experiment: Experiment): Figure[] {
  const runs = runsOf(experiment, draw);
  const series = runs.flatMap(([variant, record]): Series[] => {
    const tally = tallyOf(record);
    const groups = [...new Set(record.members.filter(isLeecher).map(({ name }) => name))];
    const of = (names: readonly string[]) =>
      membersOf(record.members, draw.of ?? names).map(({ id }) => tally.members.get(id)!);
    const line = (name: string, names: readonly string[]): Series => ({
      name,
      points: completionSteps(of(names), record.endedAt),
      isStep: true,
    });
    if (runs.length > 1 || groups.length === 1) return [line(variant || "leechers", groups)];
    return groups.map((group) => line(group, [group]));
  });
  return [lines(
    named(draw, "Who has everything, when"),
    "The share of the leechers that own every piece. The steeper the line, the more peers end " +
      "together.",
    [SECONDS, { ...SHARE("complete"), to: 1 }],
    series,
  )];
}

export function copiesFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const { least, mean, most } = copiesOverTime(tallyOf(record));
    return lines(
      named(draw, "Copies of each piece", variant),
      "Copies among the leechers that are there: of the rarest piece, on average, of the most " +
        "frequent one. Where the lowest line stays at 0, a piece exists at the seeds alone.",
      [SECONDS, COUNT("copies")],
      [
        { name: "most", points: most, isStep: true },
        { name: "mean", points: mean },
        { name: "least", points: least, isStep: true },
      ],
    );
  });
}

export function uplinksFigure(draw: Draw, experiment: Experiment): Figure[] {
  return [lines(
    named(draw, "Uplinks of the leechers"),
    "The share of the leechers' uplinks in use. What stays idle is time that the swarm loses.",
    [SECONDS, { ...SHARE("in use"), to: 1 }],
    runsOf(experiment, draw).map(([variant, record]): Series => ({
      name: variant || "leechers",
      points: uplinkSlices(tallyOf(record)),
    })),
  )];
}

export function populationFigure(draw: Draw, experiment: Experiment): Figure[] {
  return [lines(
    named(draw, "Peers that are incomplete"),
    "Peers that are there and lack something.",
    [SECONDS, COUNT("incomplete peers")],
    runsOf(experiment, draw).map(([variant, record]): Series => ({
      name: variant || "leechers",
      points: populationSteps(tallyOf(record)),
      isStep: true,
    })),
  )];
}

export function failuresFigure(draw: Draw, experiment: Experiment): Figure[] {
  const series = runsOf(experiment, draw).flatMap(([variant, record]): Series[] => {
    const times = (what: "failed" | "banned") =>
      record.events.flatMap((event) => event.what === what ? [event.t] : []);
    const name = variant === "" ? "" : `${variant}: `;
    const line = (label: string, what: "failed" | "banned"): Series => ({
      name: name + label,
      points: countSteps(times(what), record.endedAt),
      isStep: true,
    });
    return [line("failed", "failed"), line("bans", "banned")];
  });
  return [lines(
    named(draw, "Pieces that failed, and bans"),
    "Pieces whose hash was wrong, and bans, as they add up.",
    [SECONDS, COUNT("so far")],
    series,
  )];
}

export function sourcesFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const found = record.events.flatMap((event) => event.what === "found" ? [event] : []);
    const kinds = [...new Set(found.map(({ by }) => by))];
    return lines(
      named(draw, "How peers learn of each other", variant),
      "Peers found, by where they were found, as they add up.",
      [SECONDS, COUNT("found so far")],
      kinds.map((kind): Series => ({
        name: kind,
        points: countSteps(
          found.flatMap(({ by, t }) => by === kind ? [t] : []),
          record.endedAt,
        ),
        isStep: true,
      })),
    );
  });
}

export function lifelineFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const tally = tallyOf(record);
    const members = membersOf(record.members, draw.of ?? ["all"]).slice(0, 100);
    const lanes = members.map(({ id, name }): Lane => {
      const { presence, completedAt } = tally.members.get(id)!;
      return {
        name: id === name ? name : id,
        spans: presence.map(({ from, to }) => ({ from, to, series: 0 })),
        marks: completedAt === undefined ? [] : [completedAt],
      };
    });
    const { body, height } = laneChart(SECONDS, lanes, []);
    const rows = lanes.flatMap(({ name, spans, marks }) =>
      spans.map(({ from, to }) => [
        ...[name, rounded(from / 1000, 1), rounded(to / 1000, 1)],
        marks[0] === undefined ? "never" : rounded(marks[0] / 1000, 1),
      ])
    );
    return {
      ...named(draw, "From arrival to end", variant),
      says: "When each peer was there; the mark is where it was complete.",
      ...{ width: WIDTH, height, body },
      table: { head: ["peer", "from (s)", "to (s)", "complete (s)"], rows },
    };
  });
}

/** Reasons of unchokings in the order of their colours. */
/** Rows of the page's table of unchokings. */
const MOST_SPANS = 200;
const REASONS = ["regular", "optimistic", "seed", "other"];

export function chokesFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const tally = tallyOf(record);
    const chosen = membersOf(
      record.members,
      draw.of ?? record.members.filter(isLeecher)
        .slice(0, 1).map(({ id }) => id),
    );
    const lanes = chosen.flatMap(({ id }) => lanesOf(tally, id, chosen.length > 1)).slice(0, 60);
    const { body, height } = laneChart(SECONDS, lanes, REASONS);
    const whom = chosen.map(({ id }) => id).join(", ");
    return {
      ...named(draw, `Whom ${whom} unchokes, and why`, variant),
      says: "Regular: earned by what the other gave. Optimistic: a try, another one each time.",
      ...{ width: WIDTH, height, body },
      table: {
        head: ["peer", "why", "from (s)", "to (s)"],
        rows: lanes.flatMap(({ name, spans }) =>
          spans.map(({ from, to, series }) => [
            ...[name, REASONS[series]!, rounded(from / 1000, 1), rounded(to / 1000, 1)],
          ])
        ),
        onPage: MOST_SPANS,
      },
    };
  });
}

function lanesOf({ unchokings, record }: Tally, id: string, hasName: boolean): Lane[] {
  const theirs = Map.groupBy(unchokings.filter(({ who }) => who === id), ({ whom }) => whom);
  return record.members.filter((member) => theirs.has(member.id)).map((member): Lane => ({
    name: hasName ? `${id} → ${member.id}` : member.id,
    spans: theirs.get(member.id)!.map(({ from, to, why }) => ({
      ...{ from, to },
      series: Math.max(
        0,
        REASONS.findIndex((reason) => reason === "other" || why.startsWith(reason)),
      ),
    })),
    marks: [],
  }));
}

export type { Point };
