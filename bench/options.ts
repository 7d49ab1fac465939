/**
 * The command line of the benchmarks.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { type Suite, SUITES } from "./suites.ts";
import { MIB } from "./workload.ts";

/** The suite that measures trackers. */
const TRACKERS = "trackers";

/** What `--help` prints. */
export const HELP = `Usage: deno task bench [options] [suite...]

Whole transfers by vtorrent beside libtorrent, qBittorrent, aria2, Transmission, webtorrent and
mktorrent, as far as they are installed, in interleaved rounds (A B C A B C). Everything stays on
127.0.0.1. Without a suite, all run:

${SUITES.map(({ name, title }) => `  ${name.padEnd(9)} ${title}`).join("\n")}
  ${TRACKERS.padEnd(9)} CPU time of trackers beside bittorrent-tracker, opentracker and a floor

Options:
  --size MIB       Data of one transfer, default 1024 (at least 16)
  --reps N         Rounds, default 5
  --only NAMES     Only these programs, separated by commas: --only vtorrent,libtorrent
  --json FILE      Write every single run to a file
  --timeout S      Seconds one transfer may take, default 180
  --help           This text

VTORRENT is the command to measure, ./vtorrent unless set. PYTHON is the interpreter that has
libtorrent.
`;

/** What the command line says. */
export interface Options {
  suites: Suite[];
  /** Whether trackers are measured too. */
  trackers: boolean;
  /** Bytes. */
  size: number;
  rounds: number;
  only: string[] | undefined;
  json: string | undefined;
  /** Milliseconds. */
  timeout: number;
}

/** An option that makes no sense. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} where it makes no sense
 */
export function parseOptions(args: string[]): Options | "help" {
  const { values, positionals } = parseFlags(args);
  if (values.help) return "help";
  const transfers = positionals.filter((name) => name !== TRACKERS);
  const suites = transfers.map((name) => {
    const suite = SUITES.find((suite) => suite.name === name);
    if (suite) return suite;
    const names = [...SUITES.map((s) => s.name), TRACKERS];
    throw new UsageError(`No suite is called ${name}: ${names.join(", ")}`);
  });
  return {
    suites: positionals.length > 0 ? suites : [...SUITES],
    trackers: positionals.length === 0 || positionals.includes(TRACKERS),
    size: wholeNumber("--size", values.size, 16) * MIB,
    rounds: wholeNumber("--reps", values.reps, 1),
    only: values.only?.split(",").map((name) => name.trim()),
    json: values.json,
    timeout: wholeNumber("--timeout", values.timeout, 1) * 1000,
  };
}

interface Flags {
  readonly size: string;
  readonly reps: string;
  readonly timeout: string;
  readonly only?: string;
  readonly json?: string;
  readonly help: boolean;
}

function parseFlags(args: string[]): { values: Flags; positionals: string[] } {
  const { _: positionals, ...values } = parseArgs(args, {
    string: ["size", "reps", "only", "json", "timeout"],
    boolean: ["help", "h"],
    default: { size: "1024", reps: "5", timeout: "180" },
    unknown: (argument, key) => {
      if (key !== undefined) throw new UsageError(`There is no option ${argument}`);
      return true;
    },
  });
  const help = values.help === true || values.h === true;
  return { values: { ...values, help } as unknown as Flags, positionals: positionals.map(String) };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${option} takes a whole number from ${least}, not ${text}`);
}
