/**
 * Figures of members against each other: who gave whom, who unchoked whom, who has what.
 *
 * @module
 */
import { amount, rounded } from "../../checks/wording.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import { isRegular, timeAmongLeechers } from "../../measures/choosing.ts";
import { isLeecher, tallyOf } from "../../measures/tally.ts";
import type { Member, RunRecord } from "../../run/run_record.ts";
import { type Draw, membersOf } from "../../scenario/scenario.ts";
import { type Axis, dotChart, heatMap, HEIGHT, WIDTH } from "../chart.ts";
import { type Figure, fileName } from "../figure.ts";
import { inVariant, runsOf } from "./over_time.ts";

const BYTES = (label: string): Axis => ({
  label,
  words: (value) => amount(value, "bytes"),
  from: 0,
});
/** Columns of pieces that fit beside the names. */
const MOST_COLUMNS = 100;

function head(draw: Draw, otherwise: string, variant: string): { id: string; title: string } {
  return {
    id: fileName(`${draw.figure} ${variant}`),
    title: (draw.title ?? otherwise) + inVariant(variant),
  };
}

export function givenTakenFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const tally = tallyOf(record);
    const members = membersOf(record.members, draw.of ?? ["all"]).filter(isLeecher)
      .map(({ id }) => tally.members.get(id)!);
    const groups = Map.groupBy(members, ({ member }) => member.name);
    const dots = [...groups].map(([name, all]) => ({
      name,
      points: all.map(({ given, taken }) => [taken, given] as const),
    }));
    return {
      ...head(draw, "Given and taken", variant),
      says: "A dot for each leecher. On the dashed line it gave as much as it took; below it, it " +
        "lived on others.",
      ...{ width: WIDTH, height: HEIGHT },
      body: dotChart(BYTES("taken"), BYTES("given"), dots, true),
      table: {
        head: ["peer", "given", "taken", "given ÷ taken"],
        rows: members.map(({ member, given, taken }) => [
          member.id,
          amount(given, "bytes"),
          amount(taken, "bytes"),
          taken === 0 ? "" : rounded(given / taken, 2),
        ]),
      },
    };
  });
}

/** Rows and columns of members, and how strong each cell is. */
function matrix(
  members: readonly Member[],
  valueOf: (row: Member, column: Member) => number,
  words: (value: number) => string,
  axes: { row: string; column: string },
): Pick<Figure, "body" | "height" | "width" | "table"> {
  const shown = members.slice(0, 60);
  const ids = shown.map(({ id }) => id);
  const values = shown.map((row) => shown.map((column) => valueOf(row, column)));
  const most = Math.max(1e-9, ...values.flat());
  const map = heatMap(ids, ids, (row, column) => values[row]![column]! / most, axes);
  const rows = values.map((row, index) => [ids[index]!, ...row.map(words)]);
  return {
    ...map,
    table: { head: ["", ...ids].slice(0, 31), rows: rows.map((r) => r.slice(0, 31)) },
  };
}

export function matrixFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const tally = tallyOf(record);
    return {
      ...head(draw, "Who gave whom", variant),
      says: "Each row is a giver, each column a taker; the darker, the more bytes.",
      ...matrix(
        membersOf(record.members, draw.of ?? ["all"]),
        (row, column) => tally.members.get(column.id)!.takenFrom.get(row.id) ?? 0,
        (value) => value === 0 ? "" : amount(value, "bytes"),
        { row: "gives", column: "takes" },
      ),
    };
  });
}

export function clustersFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const tally = tallyOf(record);
    const times = new Map<string, number>();
    for (const unchoking of tally.unchokings) {
      if (!isRegular(unchoking)) continue;
      const key = `${unchoking.who}\n${unchoking.whom}`;
      times.set(key, (times.get(key) ?? 0) + timeAmongLeechers(tally, unchoking));
    }
    return {
      ...head(draw, "Who unchokes whom for their rate", variant),
      says: "Time that a row's peer keeps a column's peer unchoked because of what it gave. Dark " +
        "squares along the diagonal are clusters of like rates.",
      ...matrix(
        membersOf(record.members, draw.of ?? ["all"]).filter(isLeecher),
        (row, column) => times.get(`${row.id}\n${column.id}`) ?? 0,
        (value) => value === 0 ? "" : amount(value, "ms"),
        { row: "unchokes", column: "is unchoked" },
      ),
    };
  });
}

/** Moments of the board, as shares of the run. */
const MOMENTS = [0.05, 0.2, 0.4, 0.6, 0.8, 1];

export function boardFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).flatMap(([variant, record]) =>
    MOMENTS.map((moment) => board(draw, variant, record, moment))
  );
}

function board(draw: Draw, variant: string, record: RunRecord, moment: number): Figure {
  const members = membersOf(record.members, draw.of ?? ["all"]).slice(0, 40);
  const ids = members.map(({ id }) => id);
  const columns = Math.min(MOST_COLUMNS, record.pieces);
  const perColumn = record.pieces / columns;
  const t = moment * record.endedAt;
  const cells = ids.map(() => new Float64Array(columns));
  for (const event of record.events) {
    if (event.t > t) break;
    const row = event.what === "piece" ? ids.indexOf(event.who) : -1;
    if (event.what !== "piece" || row < 0) continue;
    cells[row]![Math.floor(event.piece / perColumn)]! += 1 / perColumn;
  }
  const names = Array.from(
    { length: columns },
    (_, column) => String(Math.floor(column * perColumn)),
  );
  const { body, height, width } = heatMap(ids, names, (row, column) => cells[row]![column]!, {
    row: "peer",
    column: "piece",
  });
  const seconds = rounded(t / 1000, 1);
  return {
    id: fileName(`board ${variant} ${rounded(100 * moment, 0)}`),
    title: `${draw.title ?? "Who has which piece"}${inVariant(variant)}, after ${seconds} s`,
    says: "Each row is a peer, each column a piece, or several side by side.",
    ...{ body, height, width },
    table: {
      head: ["peer", "share of the pieces"],
      rows: ids.map((id, row) => [
        id,
        `${rounded(100 * cells[row]!.reduce((sum, one) => sum + one, 0) / columns, 0)} %`,
      ]),
    },
  };
}
