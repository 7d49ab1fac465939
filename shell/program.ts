/**
 * One run of vtorrent: arguments in, exit status out.
 *
 * @module
 */
import { resolve } from "@std/path";
import { UsageError } from "./base/errors.ts";
import { ExitStatus, exitStatusOf, sentenceOf } from "./base/exit_status.ts";
import { COMMAND_REMEDIES } from "./base/remedies.ts";
import { type FlagSources, type FlagValues, readFlags, variableOf } from "./flags/flags.ts";
import { FaultLines } from "./uncaught_errors.ts";
import type { Program } from "./help/program_table.ts";
import type { CommandLine } from "./command_line.ts";
import { readPlainCommandLine } from "./plain_command_line.ts";
import { PROGRAMS } from "./programs/mod.ts";
import { Screen } from "./terminal/screen.ts";
import { commandFrom } from "./usage.ts";
import type { Environment } from "./base/environment.ts";

/** Runs what `world.args` ask for. Never throws: errors are told in one line each. */
export async function runProgram(world: Environment): Promise<number> {
  let screen = new Screen(world, {});
  const lines = new FaultLines();
  using _ = world.onFault((fault) => {
    const line = lines.next(fault, Date.now());
    if (line !== undefined) screen.error(fault, line);
  });
  try {
    const line = readPlainCommandLine(world.args) ?? await readAnyCommandLine(world);
    if ("text" in line) {
      world.stdout.write(line.text);
      return 0;
    }
    const flags = await flagsOf(line.program, line.given, world);
    screen = new Screen(world, flags, line.program.shell ? "records" : "pairs");
    const { run } = await line.program.load();
    return await run({ programs: PROGRAMS, args: line.args, flags, world, screen });
  } catch (error) {
    if (world.stop.aborted && error instanceof DOMException) {
      screen.problem("Stopped before it was done");
      return ExitStatus.unfinished;
    }
    screen.error(error, sentenceOf(error, COMMAND_REMEDIES));
    return exitStatusOf(error);
  }
}

/** Also what asks for help or is wrong. @throws {UsageError} */
async function readAnyCommandLine(world: Environment): Promise<CommandLine> {
  const { readCommandLine } = await import("./command_line.ts");
  return readCommandLine(
    world.args,
    Math.min(100, world.stdout.columns),
    commandFrom(world.self, world.cwd),
  );
}

async function flagsOf(
  program: Program,
  given: FlagSources["given"],
  world: Environment,
): Promise<FlagValues> {
  const typed = given.findLast(({ name }) => name === "config")?.value;
  const path = typed ?? world.env(variableOf("config"));
  const sources = { given, env: world.env };
  if (path === undefined || path === "") return readFlags(program.flags, sources);
  return readFlags(program.flags, { ...sources, config: await readConfig(path, world) });
}

async function readConfig(
  path: string,
  world: Environment,
): Promise<{ path: string; value: unknown }> {
  let text: string;
  try {
    text = path === "-"
      ? new TextDecoder().decode(await world.stdin.bytes())
      : await Deno.readTextFile(resolve(world.cwd, path));
  } catch (error) {
    throw new UsageError(`Cannot read the configuration ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    return { path, value: JSON.parse(text) };
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
