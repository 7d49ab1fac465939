/**
 * Outcomes in lines of text, as a terminal, JUnit and Gradescope show them.
 *
 * @module
 */
import { hex } from "../message_words.ts";
import { type Finding, isKnown, type MarkedBytes, type Outcome, type Verdict } from "../step.ts";
import { quoted } from "../../programs/program_run.ts";
import { rounded } from "./summary.ts";

/** Bytes in a line. */
const ROW = 16;
/** A message of at most so many is not broken: a request has 17. */
const SHORT = 20;
/** Rows that are shown around the wrong bytes. */
const MOST_ROWS = 6;
/** Where the texts begin. */
const INDENT = " ".repeat(12);

const SIGNS: Readonly<Record<Verdict, readonly [unicode: string, ascii: string]>> = {
  passed: ["✓", "ok"],
  failed: ["✗", "FAIL"],
  flaky: ["~", "flaky"],
  "not reached": ["·", "-"],
  "cannot tell": ["?", "?"],
  "left out": ["·", "-"],
};

/** `✗ P5.1   The last block of a file is shorter   0 of 2` */
export function outcomeLine(outcome: Outcome, unicode: boolean): string {
  const { probe, verdict, score, reason } = outcome;
  const sign = SIGNS[verdict][unicode ? 0 : 1];
  const head = `${sign.padEnd(unicode ? 1 : 5)} ${probe.id.padEnd(6)} ${probe.title}`;
  const points = `${pointsText(score)} of ${pointsText(probe.points)}`;
  const why = verdict === "failed" || verdict === "passed" ? "" : ` (${verdict}: ${reason ?? "?"})`;
  return `${head.padEnd(72)} ${points}${why}`;
}

/** At most two decimals. */
export function pointsText(points: number): string {
  return String(rounded(points));
}

/** A failure told whole. */
export function findingLines(outcome: Outcome, again: string): string[] {
  const { finding } = outcome;
  if (finding === undefined) return [];
  const lines = [
    field("expected", finding.expected),
    field("seen", finding.seen),
    ...whenLines(finding),
    ...(finding.marked === undefined ? [] : markedLines(finding.marked)),
    field("why", finding.why),
    ...(isKnown(outcome) ? [field("known", outcome.probe.known!)] : []),
    ...stateLines(outcome),
    field("again", again),
  ];
  if (outcome.packets !== undefined) {
    const filter = finding.filter === undefined ? "" : `, Wireshark: ${finding.filter}`;
    lines.push(field("packets", `${outcome.packets}${filter}`));
  }
  return lines;
}

/** How the program was when the probe ended. */
export function stateLines({ program }: Outcome): string[] {
  if (program === undefined) return [];
  const status = program.status === undefined
    ? "still ran, and was ended"
    : typeof program.status === "string"
    ? `${program.status} ended it`
    : `exit status ${program.status}`;
  return [
    field("program", `${program.command.map(quoted).join(" ")}`),
    field("", status),
    ...program.lastLines.map((line) => field("", `| ${line.slice(0, 200)}`)),
  ];
}

/** Bytes in hexadecimal with the wrong ones underlined. */
export function markedLines({ bytes, wrong, offset }: MarkedBytes): string[] {
  const width = bytes.length <= SHORT ? SHORT : ROW;
  const from = wrong?.[0] ?? 0;
  const firstRow = Math.max(0, Math.floor(from / width) - 1);
  const lines: string[] = [];
  const isText = printable(bytes);
  for (let row = firstRow; row < firstRow + MOST_ROWS && row * width < bytes.length; row++) {
    const start = row * width;
    const part = bytes.subarray(start, start + width);
    const text = isText ? `  ${latin1(part)}` : "";
    const place = offset === undefined ? "" : `   byte ${offset + start}`;
    const padded = hex(part).padEnd(isText || place !== "" ? width * 3 - 1 : 0);
    lines.push(`${INDENT}${padded}${text}${place}`);
    if (wrong === undefined) continue;
    const [first, last] = [Math.max(wrong[0], start), Math.min(wrong[1], start + width)];
    if (first >= last) continue;
    const gap = " ".repeat((first - start) * 3);
    lines.push(`${INDENT}${gap}${"^".repeat((last - first) * 3 - 1)}`);
  }
  const shown = Math.min(bytes.length, (firstRow + MOST_ROWS) * width);
  if (shown < bytes.length) lines.push(`${INDENT}… ${bytes.length - shown} more bytes`);
  return lines;
}

function whenLines({ at, connection, message }: Finding): string[] {
  if (at === undefined) return [];
  const parts = [`${(at / 1000).toFixed(3)} s`];
  if (connection !== undefined) parts.push(`connection ${connection}`);
  if (message !== undefined) {
    parts.push(connection === undefined ? `your request ${message}` : `your message ${message}`);
  }
  return [field("when", parts.join(", "))];
}

function field(name: string, text: string): string {
  return `  ${name.padEnd(INDENT.length - 2)}${text}`;
}

function printable(bytes: Uint8Array): boolean {
  let plain = 0;
  for (const byte of bytes) if (byte >= 0x20 && byte < 0x7f) plain++;
  return plain >= bytes.length * 0.7;
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")
    .join("");
}
