/**
 * Board words: tooltips that explain peers, transfers and terms of the swarm board. Pure.
 *
 * @module
 */
import { whyInWords } from "./board_moment.ts";
import type { Arrow, GraphNode } from "./graph_layout.ts";
import { bytes, duration, isolated, share } from "../words.ts";

/** The words of the field, and what they mean. */
export const TERMS = {
  choked:
    "A choked peer may not request anything. Each peer serves only a few others at a time: those " +
    "that upload most to it or, once it is a seed, those that download fastest from it.",
  optimistic:
    "Every 30 seconds one peer gets a turn even if it has given nothing yet. That is how " +
    "newcomers get their first pieces and better partners are found.",
  rarest:
    "Pieces that the fewest peers have are fetched first. They spread quickly, and no piece is " +
    "lost when a peer leaves.",
  seeder: "A peer that has everything and only uploads.",
  leecher: "A peer that is not complete yet. It uploads the pieces that it has.",
} as const;

type Names = (id: string) => string;

/** A peer: the title first. */
export function aboutPeer(
  id: string,
  node: GraphNode,
  arrows: readonly Arrow[],
  names: Names,
): string[] {
  const gives = arrows.filter(({ from, rate }) => from === id && rate > 0);
  const gets = arrows.filter(({ to, rate }) => to === id && rate > 0);
  const lucky = gives.filter(({ optimistic }) => optimistic);
  const refuses = arrows.filter(({ from, waits }) => from === id && waits);
  const waitsFor = arrows.filter(({ to, waits }) => to === id && waits);
  const to = (list: readonly Arrow[]) => listed(list.map((one) => names(one.to)));
  const from = (list: readonly Arrow[]) => listed(list.map((one) => names(one.from)));
  const kind = node.progress >= 1 ? "a seeder" : `a leecher, has ${share(node.progress)}`;
  const lines = [`${isolated(node.name)}: ${kind}`];
  if (!node.reports) {
    if (node.down > 0) lines.push(`Gets about ${bytes(node.down)}/s.`);
    if (node.up > 0) lines.push(`Gives about ${bytes(node.up)}/s.`);
    return [
      ...lines,
      "By its announces, which are all the tracker knows: it does not report its transfers " +
      "(--report).",
    ];
  }
  if (node.eta !== null && node.progress < 1) {
    lines.push(`Has everything in ${duration(node.eta)}.`);
  }
  if (gives.length > 0) lines.push(`Gives ${speed(gives)} to ${to(gives)}.`);
  if (gets.length > 0) lines.push(`Gets ${speed(gets)} from ${from(gets)}.`);
  if (gives.length + gets.length === 0) lines.push("It has no transfers now.");
  if (lucky.length > 0) {
    lines.push(`It is ${to(lucky)}'s optimistic turn. ${TERMS.optimistic}`);
  }
  if (refuses.length > 0) lines.push(`It chokes ${to(refuses)}, although interested.`);
  if (waitsFor.length > 0) lines.push(`It is choked by ${from(waitsFor)} and waits.`);
  if (refuses.length + waitsFor.length > 0) lines.push(TERMS.choked);
  return lines;
}

/** What goes, or does not go, from one to another: the title first. */
export function aboutTransfer(arrow: Arrow, names: Names): string[] {
  const [from, to] = [isolated(names(arrow.from)), isolated(names(arrow.to))];
  const why = arrow.reason === "" ? [] : [`Why: ${whyInWords(arrow.reason, from)}.`];
  if (arrow.waits) {
    return [`${from} chokes ${to}`, `${to} is interested and waits.`, ...why, TERMS.choked];
  }
  const title = `${from} → ${to}: ${bytes(arrow.rate)}/s`;
  if (arrow.optimistic) {
    return [title, `It is ${to}'s optimistic turn.`, TERMS.optimistic];
  }
  return [
    title,
    ...why,
    `${from} has unchoked ${to}, so it may request pieces. It requests the rarest first.`,
  ];
}

function speed(arrows: readonly Arrow[]): string {
  return `${bytes(arrows.reduce((sum, { rate }) => sum + rate, 0))}/s`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6).map(isolated);
  if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
  if (shown.length === 1) return shown[0]!;
  return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
