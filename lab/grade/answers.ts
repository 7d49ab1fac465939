/**
 * Looking for answers in what a program prints. The value gives the point: chatter around it, another
 * label, a Python dictionary in place of JSON are no mistakes.
 *
 * @module
 */

/** One value that has to be in the output. */
export interface Wanted {
  /** How a rubric calls it: `info_hash`. */
  readonly name: string;
  /** How the report calls it: `Info Hash`. */
  readonly label: string;
  readonly value: string;
  /** Other forms of the value that are as good. */
  readonly or?: readonly string[];
  /** Finds what was printed in its place, for the report. */
  readonly instead?: RegExp;
}

/** Characters of output that a report shows. */
const SHOWN = 160;

/** Whether `value` stands in the text by itself, not as part of a longer number or name. */
export function hasValue(text: string, value: string): boolean {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![0-9A-Za-z])${escaped}(?![0-9A-Za-z])`, "i").test(text);
}

/** Whether the wanted value was printed. `find`: the rubric's pattern, whose first group is the value. */
export function isAnswered(text: string, wanted: Wanted, find?: RegExp): boolean {
  const values = [wanted.value, ...wanted.or ?? []];
  if (find === undefined) return values.some((value) => hasValue(text, value));
  const found = [...text.matchAll(asGlobal(find))]
    .map((match) => (match[1] ?? match[0]).toLowerCase());
  return values.some((value) => found.includes(value.toLowerCase()));
}

/** What stands in the text in place of the wanted value, in words. */
export function seenInstead(text: string, wanted: Wanted, find?: RegExp): string {
  const pattern = find ?? wanted.instead;
  const match = pattern && pattern.exec(text);
  if (match) return `${wanted.label}: ${cut(match[1] ?? match[0])}`;
  return printed(text);
}

/** The output in a line. */
export function printed(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return "nothing on standard output";
  const shown = cut(lines.at(-1)!.trim());
  return lines.length === 1
    ? `printed: ${shown}`
    : `printed ${lines.length} lines, the last: ${shown}`;
}

/** How a value was printed: as JSON, in some other form, or not at all. */
export function findJson(text: string, value: unknown): "json" | "loose" | undefined {
  for (const line of [text, ...text.split("\n")]) {
    try {
      if (sameJson(JSON.parse(line), value)) return "json";
    } catch {
      // Another form, or chatter.
    }
  }
  const wanted = tokensOf(JSON.stringify(value));
  const tokens = tokensOf(text);
  for (let at = 0; at + wanted.length <= tokens.length; at++) {
    if (wanted.every((token, index) => tokens[at + index] === token)) return "loose";
  }
  return undefined;
}

/** Words, numbers and brackets: what is left of a value in whichever language's notation. */
function tokensOf(text: string): string[] {
  const plain = text
    .replace(/\bmap\[/g, "{") // Go
    .replace(/\b(?:Dict|List|String|Int|Integer|Str|Bytes)\(/g, "(")
    .replace(/\bb(?=['"])/g, ""); // Python
  // Round and square brackets differ by language; that something is nested does not.
  return (plain.match(/-?[\p{L}\p{N}_.]+|[[\]{}()]/gu) ?? []).map((token) =>
    "{[(".includes(token) ? "[" : "}])".includes(token) ? "]" : token
  );
}

function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, two] = [Object.entries(a), Object.entries(b)];
  return one.length === two.length &&
    one.every(([key, item]) => Object.hasOwn(b, key) && sameJson(item, Reflect.get(b, key)));
}

function asGlobal(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
