/**
 * The reference of programs, flags and verbs as Markdown, from the tables. Pure.
 *
 * @module
 */
import { findVerb, verbsOf } from "../commands/mod.ts";
import { type FlagName, flagRow, FLAGS, typedName, variableOf } from "../flags/flags.ts";
import { displayWidth, pad } from "../base/format.ts";
import type { Program } from "./program_table.ts";
import type { Verb } from "../commands/verb.ts";

/** Every exit status and its meaning. */
export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [0, "done"],
  [1, "failed"],
  [2, "timed out"],
  [7, "interrupted by a signal; progress was saved"],
  [9, "disk full"],
  [13, "file exists"],
  [25, "bad bencode"],
  [26, "bad torrent"],
  [27, "bad magnet link"],
  [28, "bad option"],
  [32, "data does not verify"],
  [130, "second Ctrl-C"],
];

/** `vtorrent peer <ID>`. */
export function programUsage({ name, arguments: words }: Program): string {
  const parts = words.map(({ name, many, optional }) =>
    optional ? `[${name}]` : `<${name}>${many ? "..." : ""}`
  );
  return ["vtorrent", name, ...parts].join(" ");
}

/** `-e, --execute CMDS`. */
export function flagUsage(name: FlagName): string {
  const { short, value } = flagRow(name);
  return `${short === undefined ? "" : `-${short}, `}--${typedName(name)}${
    value === undefined ? "" : ` ${value}`
  }`;
}

/** `download <NAME>`. */
export function verbUsage({ name, argument }: Verb): string {
  return argument === undefined ? name : `${name} ${argument}`;
}

/** The verbs, and whether a peer and a tracker have them. */
function verbTable(): string {
  const names = new Set([...verbsOf("peer"), ...verbsOf("tracker")].map(({ name }) => name));
  return markdownTable(
    ["verb", "what it does", "peer", "tracker"],
    [...names].map((name) => {
      const verb = findVerb(name)!;
      return [
        `\`${verbUsage(verb)}\``,
        verb.summary,
        verb.peer === undefined ? "–" : "yes",
        verb.tracker === undefined ? "–" : "yes",
      ];
    }),
  );
}

/** The exit statuses. */
function statusTable(): string {
  return markdownTable(
    ["exit status", "meaning"],
    EXIT_MEANINGS.map(([status, meaning]) => [String(status), meaning]),
  );
}

/** All of it: `docs/reference.md`. */
export function referencePage(programs: readonly Program[]): string {
  const flags = Object.keys(FLAGS) as FlagName[];
  return [
    "# Reference",
    "<!-- Made by `deno task docs` from the tables in shell/: change those. -->",
    "`vtorrent help <program>` and `help <verb>` in the shell say the same, and so does the manual " +
    "page, `vtorrent man`.",
    "## Programs",
    ...programs.flatMap(programSection),
    "## Flags",
    "A flag that is given beats the environment, which beats the file of `--config`: JSON with the " +
    'same words as keys, `{"port": 6881, "tracker": ["127.0.0.1:8000"]}`. In the environment a ' +
    "list is separated by spaces. Sizes and rates take `k`, `M` and `G` (binary), times `s`, `m` " +
    "and `h`.",
    markdownTable(
      ["flag", "meaning", "environment"],
      flags.map((name) => [
        `\`${flagUsage(name)}\``,
        flagRow(name).help,
        `\`${variableOf(name)}\``,
      ]),
    ),
    "## Verbs of the shell",
    "`torrent -mode <verb> [argument]`, `torrent --mode <verb> [argument]` and `<verb> [argument]` " +
    "are the same. Names with spaces may be quoted or not.",
    verbTable(),
    "At the prompt Tab completes verbs, flags and names, the up arrow and Ctrl-R (search) bring back " +
    "what was typed, and Ctrl-O opens the page. In menus letters filter, `?` shows the keys.",
    ...flagsOfVerbs(),
    "## In a pipe",
    "Where standard output is no terminal, programs print the names that a terminal shows and the " +
    "values between tabs: facts about one thing as `name<TAB>value`, a pair a line; of several " +
    "things each is a line of such pairs. What is not known is left out, control characters are " +
    "escaped (`\\x09`), and notes and progress go to standard error. The shells of `peer` and " +
    "`tracker` print `key: value` there, a thing a line. `--json` has numbers as they are: " +
    "[events](events.md).",
    [
      "```sh",
      "vtorrent show lecture.pdf.torrent | awk -F'\\t' '$1 == \"info hash\" { print $2 }'",
      "```",
    ]
      .join("\n"),
    "## Exit status",
    statusTable(),
  ].join("\n\n") + "\n";
}

function programSection(program: Program): string[] {
  const { summary, details, examples, flags } = program;
  return [
    `### ${program.name}`,
    ["```", programUsage(program), "```"].join("\n"),
    `${capital(summary)}.${details === undefined ? "" : ` ${details}`}`,
    `Flags: ${flags.map((name) => `\`--${name}\``).join(", ")}.`,
    ["```sh", ...examples, "```"].join("\n"),
  ];
}

function flagsOfVerbs(): string[] {
  const names = new Set([...verbsOf("peer"), ...verbsOf("tracker")].map(({ name }) => name));
  const rows = [...names].map((name) => findVerb(name)!).filter(({ flags }) => flags?.length)
    .map(({ name, flags }) => [
      `\`${name}\``,
      flags!.map((flag) => `\`${flagUsage(flag)}\``).join(", "),
    ]);
  return [markdownTable(["verb", "takes the flags"], rows)];
}

/** A table as the formatter of this repository wants it. */
export function markdownTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  escape: (cell: string) => string = escapeCell,
): string {
  const cells = [heading, ...rows].map((row) => row.map(escape));
  const widths = heading.map((_, column) =>
    Math.max(3, ...cells.map((row) => displayWidth(row[column]!)))
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => pad(cell, widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join("\n");
}

/** Nothing in a cell is markup but what stands between backquotes, where only `|` counts. */
function escapeCell(cell: string): string {
  return cell.split(/(`[^`]*`)/).map((part) =>
    part.startsWith("`") ? part.replaceAll("|", "\\|") : part.replace(/[|<*_]/g, "\\$&")
  ).join("");
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
