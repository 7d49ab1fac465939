/**
 * Log lines that a rubric requires of a probe, in what the program prints or in its `.log` files.
 *
 * @module
 */
import { join } from "@std/path";
import { printed } from "./answers.ts";
import { fits } from "./marks.ts";
import type { Trial } from "./trial.ts";

/** Bytes that are read of one file. */
const MOST_BYTES = 1 << 20;
/** Files and folders that are looked at, and how deep below the program's folder. */
const MOST_ENTRIES = 200;
const MOST_DEPTH = 2;

/** Fails a probe whose program did all right, but did not log a line that its rubric requires. */
export async function expectLog(trial: Trial, step: string, probe: string): Promise<void> {
  const wanted = Object.entries(trial.program.log)
    .filter(([pattern]) => fits([pattern], step, probe))
    .flatMap(([, lines]) => lines);
  if (wanted.length === 0) return;
  for (const run of trial.runs) await run.stop();
  const text = trial.runs.map(({ stdout, stderr }) => `${stdout.text()}\n${stderr.text()}`)
    .concat(await logFiles(trial.program.folder ?? trial.folder, trial.began))
    .join("\n");
  const missing = wanted.find((line) => !line.test(text));
  if (missing === undefined) return;
  trial.fail({
    expected: `a log line that matches ${missing.source}`,
    seen: printed(text).replace("nothing on standard output", "no line at all"),
    why: "The rubric requires this line, on standard output, on standard error or in a .log file",
  });
}

/** The texts of `.log` files that were written since `since` (ms of the clock). */
async function logFiles(folder: string, since: number): Promise<string[]> {
  const texts: string[] = [];
  let entries = 0;
  const look = async (path: string, depth: number): Promise<void> => {
    for await (const { name, isFile, isDirectory } of Deno.readDir(path)) {
      if (++entries > MOST_ENTRIES) return;
      const inner = join(path, name);
      if (isDirectory && depth < MOST_DEPTH) await look(inner, depth + 1);
      if (!isFile || !name.endsWith(".log")) continue;
      const { mtime } = await Deno.stat(inner);
      if (mtime !== null && mtime.getTime() >= since) texts.push(await beginningOf(inner));
    }
  };
  await look(folder, 0);
  return texts;
}

async function beginningOf(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  while (length < bytes.length) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}
