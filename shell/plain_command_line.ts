/**
 * Command lines that have nothing special, read from the tables.
 *
 * What loads commander and tells it of all programs takes longer than many a program has to do, so
 * only help, slips and rare ways of writing are left to it. `command_line_test.ts` holds both against
 * each other.
 *
 * @module
 */
import {
  COMMON_FLAGS,
  type FlagName,
  flagRow,
  type FlagSources,
  typedName,
} from "./flags/flags.ts";
import type { Program } from "./help/program_table.ts";
import { PROGRAMS } from "./programs/mod.ts";

/** A program to run. */
export interface ProgramLine {
  readonly program: Program;
  readonly args: readonly string[];
  readonly given: FlagSources["given"];
}

/**
 * Reads `PROGRAM`, then its words and flags in any order. Takes `--flag`, `--flag VALUE`,
 * `--flag=VALUE` and one letter by itself.
 *
 * @returns undefined for everything else, be it right or wrong
 */
export function readPlainCommandLine(args: readonly string[]): ProgramLine | undefined {
  const program = PROGRAMS.find(({ name }) => name === args[0]);
  if (program === undefined) return undefined;
  const words: string[] = [];
  // The flags that every program has come first, as commander reads them first.
  const given: { common: FlagSources["given"][number][]; own: FlagSources["given"][number][] } = {
    common: [],
    own: [],
  };
  for (let at = 1; at < args.length; at++) {
    const word = args[at]!;
    if (!looksLikeFlag(word)) {
      words.push(word);
      continue;
    }
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const typed = equals < 0 ? word : word.slice(0, equals);
    const name = program.flags.find((name) => isTyped(name, typed));
    if (name === undefined) return undefined;
    let value = equals < 0 ? undefined : word.slice(equals + 1);
    if (flagRow(name).value === undefined) {
      if (value !== undefined) return undefined;
    } else if (value === undefined) {
      value = args[++at];
      if (value === undefined || looksLikeFlag(value)) return undefined;
    }
    const isCommon = (COMMON_FLAGS as readonly FlagName[]).includes(name);
    given[isCommon ? "common" : "own"].push({ name, value });
  }
  const least = program.arguments.filter(({ optional }) => !optional).length;
  const takesMore = program.arguments.some(({ many }) => many);
  if (words.length < least || (words.length > program.arguments.length && !takesMore)) {
    return undefined;
  }
  return { program, args: words, given: [...given.common, ...given.own] };
}

/** A dash alone is standard input or output. */
function looksLikeFlag(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function isTyped(name: FlagName, typed: string): boolean {
  const { short } = flagRow(name);
  return typed === `--${typedName(name)}` || (short !== undefined && typed === `-${short}`);
}
