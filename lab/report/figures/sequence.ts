/**
 * Sequence: what a few members said to each other, an arrow for each message.
 *
 * @module
 */
import { rounded } from "../../checks/wording.ts";
import type { Experiment } from "../../experiment/experiment.ts";
import { type RunEvent, runName, type RunRecord } from "../../run/run_record.ts";
import { type Draw, membersOf } from "../../scenario/scenario.ts";
import { type Arrow, arrowChart } from "../arrow_chart.ts";
import { WIDTH } from "../chart.ts";
import { type Figure, fileName } from "../figure.ts";
import { inVariant, runsOf } from "./over_time.ts";

/** Lines that are drawn, rows of the page's table, and members that have room beside each other. */
const MOST_ARROWS = 40;
const MOST_ROWS = 2000;
const MOST_MEMBERS = 5;

type Heard = Extract<RunEvent, { what: "heard" }>;

export function sequenceFigures(draw: Draw, experiment: Experiment): Figure[] {
  return runsOf(experiment, draw).map(([variant, record]) => {
    const ids = membersOf(record.members, draw.of ?? ["all"]).slice(0, MOST_MEMBERS)
      .map(({ id }) => id);
    const heard = record.events.filter((event) => event.what === "heard")
      .filter(({ from, to }) => ids.includes(from) && ids.includes(to))
      .sort((a, b) => a.saidAt - b.saidAt);
    const arrows = arrowsOf(heard);
    const says = record.world === "virtual"
      ? "Words are heard in the real world alone: run it with --real."
      : "An arrow for each message, or for several of a kind; at the left, when it was said, in " +
        `seconds.${arrows.length > MOST_ARROWS ? ` The first ${MOST_ARROWS} lines.` : ""}`;
    return {
      id: fileName(`sequence ${variant}`),
      title: (draw.title ?? "What they say to each other") + inVariant(variant),
      says,
      width: WIDTH,
      ...arrowChart(ids, arrows.slice(0, MOST_ARROWS)),
      table: {
        head: ["said (s)", "heard (s)", "from", "to", "message", "bytes", "first bytes"],
        rows: heard.map(({ saidAt, t, from, to, words, size, head }) => [
          ...[rounded(saidAt / 1000, 3), rounded(t / 1000, 3), from, to, words, size, head],
        ]),
        onPage: MOST_ROWS,
        ...(record.unkept === undefined ? {} : { beyond: unkeptWords(record, record.unkept) }),
      },
    };
  });
}

/** Where messages are that came after those of the record. */
function unkeptWords(run: RunRecord, unkept: number): string {
  const [count, were] = [unkept.toLocaleString("en-US"), unkept === 1 ? "was" : "were"];
  return `${count} more ${were} said after these: wire/${runName(run)}.txt has each in a sentence.`;
}

/** Messages of a kind and about one piece that follow each other are one arrow. */
function arrowsOf(heard: readonly Heard[]): Arrow[] {
  const arrows: Arrow[] = [];
  for (let at = 0; at < heard.length;) {
    const first = heard[at]!;
    let end = at + 1;
    while (end < heard.length && isLike(heard[end]!, first)) end++;
    const more = end - at - 1;
    arrows.push({
      ...{ from: first.from, to: first.to },
      at: (first.saidAt / 1000).toFixed(3),
      words: first.words + (more === 0 ? "" : ` (${more} more)`),
      code: first.head,
    });
    at = end;
  }
  return arrows;
}

function isLike(one: Heard, other: Heard): boolean {
  const subject = ({ from, to, kind, words }: Heard) =>
    [from, to, kind, words.split(",")[0]].join("\n");
  return subject(one) === subject(other);
}
