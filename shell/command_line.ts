/**
 * Arguments → program and flags, by way of commander, from the tables: all that
 * `plain_command_line.ts` does not read.
 *
 * @module
 */
import { Command, CommanderError, Option } from "commander";
import { UsageError } from "./base/errors.ts";
import { COMMON_FLAGS, type FlagName, flagRow, typedName } from "./flags/flags.ts";
import { wrap } from "./base/format.ts";
import type { Argument, Program } from "./help/program_table.ts";
import type { ProgramLine } from "./plain_command_line.ts";
import { PROGRAMS } from "./programs/mod.ts";
import { VERSION } from "../protocol/mod.ts";
import { welcome } from "./usage.ts";

/** What was asked for: a program to run, or a text to print. */
export type CommandLine = ProgramLine | { readonly text: string };

/**
 * Reads a command line. `columns` is the width of help texts, `command` how the program is called.
 *
 * @throws {UsageError} for an unknown program or flag, or a missing argument
 */
export function readCommandLine(
  args: readonly string[],
  columns: number,
  command = "vtorrent",
): CommandLine {
  let text = "";
  let chosen: { program: Program; args: readonly string[] } | undefined;
  const given: { name: string; value: string | undefined }[] = [];
  const setUp = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput({
        writeOut: (part) => text += part,
        writeErr: () => {},
        getOutHelpWidth: () => columns,
      })
      .helpOption("-h, --help", "show this help")
      .configureHelp({ subcommandTerm: (sub) => termOf(sub) });

  const addFlag = (command: Command, name: FlagName): void => {
    const { value, short, help } = flagRow(name);
    const letter = short === undefined ? "" : `-${short}, `;
    const typed = typedName(name);
    command.addOption(
      new Option(`${letter}--${typed}${value === undefined ? "" : ` <${value}>`}`, help),
    );
    command.on(`option:${typed}`, (text: string | null | undefined) => {
      given.push({ name, value: text ?? undefined });
    });
  };

  const root = setUp(new Command("vtorrent"))
    .description("A BitTorrent tracker, a BitTorrent peer and a shell to watch them with.")
    .version(`vtorrent ${VERSION}`, "-V, --version", "print the version")
    .usage("<program> [arguments] [flags]")
    .helpCommand("help [program]", "show the help of a program")
    .addHelpText("after", WELCOME);
  for (const name of COMMON_FLAGS) addFlag(root, name);
  for (const program of PROGRAMS) {
    const command = setUp(root.command(program.name))
      .summary(program.summary)
      .description(
        capital(program.summary) + "." + (program.details ? `\n\n${program.details}` : ""),
      )
      .addHelpText("after", examplesText(program));
    for (const argument of program.arguments) command.argument(argumentText(argument));
    for (const name of program.flags) addFlag(command, name);
    command.action(() => void (chosen = { program, args: command.args }));
  }
  try {
    if (args.length === 0) return { text: fitted(welcome(command), columns) };
    root.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || error.code === "commander.help") {
      return { text: fitted(text, columns) };
    }
    throw new UsageError(sentence(error.message));
  }
  return chosen === undefined ? { text: fitted(text, columns) } : { ...chosen, given };
}

const WELCOME = `
Start in three terminals:
  vtorrent tracker
  vtorrent peer 1      then type: torrent -mode send lecture.pdf
  vtorrent peer 2      then type: torrent -mode download lecture.pdf

Or see it all at once: vtorrent demo
Exit status: 0 done, 1 failed, 2 timed out, 7 stopped unfinished, 9 disk full, 13 file exists, \
25 bad bencode, 26 bad torrent, 27 bad magnet, 28 bad option, 32 data does not verify.
Flags may be set as VTORRENT_<FLAG> in the environment or as keys of the --config file.
`;

/** Lines that are too long go on below, further in. */
function fitted(text: string, columns: number): string {
  return text.split("\n").map((line) => wrap(line, columns, indentOf(line)))
    .join("\n");
}

/** A sentence goes on at the left, what stands beside a name or below a heading further in. */
function indentOf(line: string): number {
  const start = /^ */.exec(line)![0].length;
  return start === 0 && !/\S {2,}\S/.test(line) ? 0 : start + 4;
}

/** `peer <ID>`: the flags that everybody has would only make the list of programs hard to read. */
function termOf(command: Command): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required
      ? `<${argument.name()}>${argument.variadic ? "..." : ""}`
      : `[${argument.name()}]`
  );
  return [command.name(), ...words].join(" ");
}

function argumentText({ name, many, optional }: Argument): string {
  const word = many ? `${name}...` : name;
  return optional ? `[${word}]` : `<${word}>`;
}

function examplesText(program: Program): string {
  return `\nExamples:\n${program.examples.map((example) => `  ${example}\n`).join("")}`;
}

/** Commander's message as one sentence of ours. */
function sentence(message: string): string {
  const text = capital(message.replace(/^error: /, "").replace(/\s*\n\s*/g, ". ").trim());
  if (text.endsWith(".")) return `${text} vtorrent --help shows what there is`;
  const meant = /\. \((Did you mean .*\?)\)$/.exec(text);
  return meant === null
    ? `${text}. vtorrent --help shows what there is`
    : `${text.slice(0, meant.index)}. ${meant[1]}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
