import { parseSelection, SelectionError } from "../../peer/logic/file_selection.ts";
import { UsageError } from "../../shell/errors.ts";
import { parseAddress, parseSeconds, parseSize } from "../../shell/flag_value.ts";
import { shorten, visible, wrap } from "../../shell/format.ts";
import { nearest } from "../../shell/nearest.ts";
import { parseLine, splitCommands } from "../../shell/parse_line.ts";
import { PasteFilter } from "../../shell/paste.ts";
import { type Shape, testBudget, textBytes, times } from "./budget.ts";

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const FILES = times(2000, (i) => ({
  path: `n/folder ${i % 10}/a/a/a/file ${i}.txt`,
  length: 1,
  offset: i,
  pad: false,
  symlink: false,
  executable: false,
}));

// Nothing of what is typed is kept longer than the command takes.
const select = (bytes: Uint8Array) => parseSelection(utf8(bytes), FILES).length;
const line = (bytes: Uint8Array) => parseLine(utf8(bytes))?.args.length;
const paste = (bytes: Uint8Array) => new PasteFilter(" ").push(utf8(bytes));

const SHAPES: [what: string, make: Shape["make"], small: number, read: Shape["read"]][] = [
  [
    "numbers that are selected",
    (n) => textBytes(times(n, (i) => `${i % 2000 + 1}`).join()),
    250,
    select,
  ],
  ["ranges that are selected", (n) => textBytes(times(n, () => "1-2000").join()), 250, select],
  [
    "names that are selected",
    (n) => textBytes(times(n, (i) => `file ${i}.txt`).join()),
    100,
    select,
  ],
  [
    "folders that are selected",
    (n) => textBytes(times(n, (i) => `folder ${i % 10}`).join()),
    100,
    select,
  ],
  ["patterns that select", (n) => textBytes(times(n, (i) => `*${i}.txt`).join()), 4, select],
  ["stars of a pattern", (n) => textBytes("*a".repeat(n)), 25, select],
  ["double stars of a pattern", (n) => textBytes(`${"**/a".repeat(n)}x`), 12, select],
  ["a typed line", (n) => textBytes("send a ".repeat(n)), 2000, line],
  [
    "blanks of a typed line",
    (n) => textBytes(`a${" ".repeat(n)}b`),
    10_000,
    line,
  ],
  [
    "flags of a typed line",
    (n) => textBytes(`send${" --a=b".repeat(n)}`),
    2000,
    line,
  ],
  [
    "a typed line of quotes",
    (n) => textBytes(`a ${'"a" '.repeat(n)}`),
    2000,
    line,
  ],
  [
    "commands in one",
    (n) => textBytes("list; ".repeat(n)),
    2000,
    (bytes) => splitCommands(utf8(bytes)),
  ],
  [
    "blanks of a command",
    (n) => textBytes(`a${" ".repeat(n)}b`),
    2000,
    (bytes) => splitCommands(utf8(bytes)),
  ],
  ["a paste", (n) => textBytes(`\x1b[200~${"a\r\n".repeat(n)}\x1b[201~`), 5000, paste],
  ["many pastes", (n) => textBytes("\x1b[200~a\x1b[201~".repeat(n)), 2000, paste],
  ["a size", (n) => textBytes(`${"1".repeat(n)}.x`), 5000, (bytes) => parseSize(utf8(bytes), "a")],
  [
    "a time",
    (n) => textBytes(`1${" ".repeat(n)}x`),
    5000,
    (bytes) => parseSeconds(utf8(bytes), "a"),
  ],
  [
    "an address",
    (n) => textBytes(`${"a:".repeat(n)}x`),
    5000,
    (bytes) => parseAddress(utf8(bytes), "a"),
  ],
  [
    "names that are like a typed one",
    (n) => textBytes("a".repeat(n)),
    250,
    (bytes) => nearest("hollo", times(20, () => utf8(bytes))),
  ],
  [
    "a name that is shown",
    (n) => textBytes("\u202e".repeat(n)),
    2000,
    (bytes) => visible(utf8(bytes)),
  ],
  [
    "a name that is shortened",
    (n) => textBytes("ü".repeat(n)),
    500,
    (bytes) => shorten(utf8(bytes), 40),
  ],
  [
    "a sentence that is wrapped",
    (n) => textBytes("word ".repeat(n)),
    500,
    (bytes) => wrap(utf8(bytes), 80),
  ],
  [
    "a sentence of long words",
    (n) => textBytes(`${"w".repeat(100)} `.repeat(n)),
    100,
    (bytes) => wrap(utf8(bytes), 80),
  ],
];

for (const [what, make, small, read] of SHAPES) {
  const isSliced = read === select;
  testBudget({ what, make, small, read, isSliced, refusals: [UsageError, SelectionError] });
}
