/**
 * Matching of patterns: all ways through a program at once, character by character, so that none is
 * gone back to. It takes at most (characters × instructions) steps.
 *
 * @module
 */
import type { Assertion, PatternProgram } from "./pattern_program.ts";

/** Where a pattern matched. */
export interface PatternMatch {
  readonly index: number;
  /** The first place behind it. */
  readonly end: number;
  /** What the named groups matched, without those that matched nothing. */
  readonly groups: Readonly<Record<string, string>>;
}

/** What was noted on the way to a place, the newest first. */
interface Note {
  readonly slot: number;
  /** -1: forgotten */
  readonly at: number;
  readonly before: Note | undefined;
}

/** Ways that stand at instructions which take a character or end, in the order of preference. */
interface Ways {
  readonly at: number[];
  readonly notes: (Note | undefined)[];
}

/** The first and, of those that begin there, the preferred match; null where there is none. */
export function matchProgram(program: PatternProgram, text: string): PatternMatch | null {
  const { instructions, prefix } = program;
  /** The place, plus 1, at which an instruction was reached last: once for each is enough. */
  const reached = new Int32Array(instructions.length);
  let now: Ways = { at: [], notes: [] };
  let next: Ways = { at: [], notes: [] };
  let found: { end: number; notes: Note | undefined } | undefined;
  for (let place = 0; place <= text.length; place++) {
    if (now.at.length === 0) {
      if (found !== undefined) break;
      // Nothing is under way: on to where something may begin.
      if (prefix !== "") place = text.indexOf(prefix, place);
      if (place < 0) break;
    }
    if (found === undefined) {
      follow(program, text, reached, now, 0, place, { slot: 0, at: place, before: undefined });
    }
    const code = text.charCodeAt(place);
    for (let way = 0; way < now.at.length; way++) {
      const instruction = instructions[now.at[way]!]!;
      if (instruction.op === "match") {
        found = { end: place, notes: now.notes[way] };
        // The others are less preferred.
        break;
      }
      if (place < text.length && instruction.op === "char" && instruction.set.has(code)) {
        follow(program, text, reached, next, now.at[way]! + 1, place + 1, now.notes[way]);
      }
    }
    now.at.length = now.notes.length = 0;
    [now, next] = [next, now];
  }
  return found === undefined ? null : matchOf(program, text, found.end, found.notes);
}

/** Goes on from an instruction, without a character, to all that it leads to. */
function follow(
  { instructions }: PatternProgram,
  text: string,
  reached: Int32Array,
  ways: Ways,
  start: number,
  place: number,
  note: Note | undefined,
): void {
  const open: [number, Note | undefined][] = [[start, note]];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const [at, notes] = one;
    if (reached[at] === place + 1) continue;
    reached[at] = place + 1;
    const instruction = instructions[at]!;
    switch (instruction.op) {
      case "split":
        open.push([instruction.second, notes], [instruction.first, notes]);
        break;
      case "jump":
        open.push([instruction.next, notes]);
        break;
      case "save":
        open.push([at + 1, { slot: instruction.slot, at: place, before: notes }]);
        break;
      case "forget":
        open.push([at + 1, { slot: instruction.slot, at: -1, before: notes }]);
        break;
      case "assert":
        if (holds(instruction.what, text, place)) open.push([at + 1, notes]);
        break;
      default:
        ways.at.push(at);
        ways.notes.push(notes);
    }
  }
}

function holds(what: Assertion, text: string, place: number): boolean {
  if (what === "start") return place === 0;
  if (what === "end") return place === text.length;
  const isBoundary = isWord(text.charCodeAt(place - 1)) !== isWord(text.charCodeAt(place));
  return isBoundary === (what === "word boundary");
}

/** Whether a code is of a letter, a digit or `_`; NaN, beyond the ends, is not. */
function isWord(code: number): boolean {
  return code >= 0x30 && code <= 0x39 || code >= 0x41 && code <= 0x5a || code === 0x5f ||
    code >= 0x61 && code <= 0x7a;
}

function matchOf(
  { names }: PatternProgram,
  text: string,
  end: number,
  notes: Note | undefined,
): PatternMatch {
  const slots = new Map<number, number>();
  for (let note = notes; note !== undefined; note = note.before) {
    if (!slots.has(note.slot)) slots.set(note.slot, note.at);
  }
  const groups: Record<string, string> = {};
  for (const [number, name] of names.entries()) {
    const [from, to] = [slots.get(2 * number + 1) ?? -1, slots.get(2 * number + 2) ?? -1];
    if (from >= 0 && to >= 0) groups[name] = text.slice(from, to);
  }
  return { index: slots.get(0)!, end, groups };
}
