/**
 * `vtorrent lab compare DIR DIR`: two reports side by side.
 *
 * @module
 */
import { basename, join, resolve } from "@std/path";
import { amount, rounded } from "../../lab/checks/wording.ts";
import type { DataTable } from "../../lab/report/figure.ts";
import { type ComparedSide, comparePage } from "../../lab/report/compare_page.ts";
import { readDrawing } from "../../lab/report/read_drawing.ts";
import { type MeasureName, MEASURES, type Unit } from "../../lab/scenario/measure_names.ts";
import type { Environment } from "../base/environment.ts";
import { prepareReportFolder } from "../base/report_folder.ts";
import { UsageError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";

/** Largest summary and drawing that is read, bytes, and most drawings. */
const MOST_BYTES = 20_000_000;
const MOST_DRAWINGS = 200;

/** As much of summary.json as a comparison needs. */
interface Summary {
  readonly scenario: string;
  readonly verdict: string;
  /** `variant: measure` → median over the seeds */
  readonly values: ReadonlyMap<string, Compared>;
}

interface Compared {
  readonly value: number | null;
  readonly unit: Unit;
}

/** Compares; the exit status. @throws {UsageError} */
export async function compareReports(
  folders: readonly string[],
  world: Environment,
  screen: Screen,
  flags: FlagValues,
): Promise<number> {
  if (folders.length !== 2) {
    throw new UsageError("lab compare needs two folders, each written by lab run --out");
  }
  const sides: [Summary, ComparedSide][] = [];
  for (const folder of folders) {
    const path = resolve(world.cwd, folder);
    const summary = await readSummary(join(path, "summary.json"), folder);
    sides.push([summary, {
      name: `${basename(path)} (${summary.scenario})`,
      verdict: summary.verdict,
      drawings: await readDrawings(join(path, "figures")),
    }]);
  }
  const [[first], [second]] = sides as [[Summary, ComparedSide], [Summary, ComparedSide]];
  const table = tableOf(first, second, sides.map(([, { name }]) => name));
  for (const [what, a, b, times] of table.rows) {
    screen.event({ event: "compared", ...{ what, first: a, second: b, times } }, undefined);
    screen.say(`${String(what).padEnd(48)} ${String(a).padStart(12)} ${String(b).padStart(12)}`);
  }
  const out = flags.out === undefined
    ? flags.open ? await Deno.makeTempDir({ prefix: "vtorrent_lab_" }) : undefined
    : resolve(world.cwd, flags.out);
  if (out === undefined) return ExitStatus.done;
  await prepareReportFolder(out, flags.out ?? out);
  const page = join(out, "compare.html");
  await Deno.writeTextFile(page, comparePage(sides.map(([, side]) => side), table));
  screen.event({ event: "written", ...{ path: page } }, `Written: ${page}`);
  if (flags.open) await world.browse(page);
  return ExitStatus.done;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    if ((await Deno.stat(path)).size > MOST_BYTES) return undefined;
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function readSummary(path: string, folder: string): Promise<Summary> {
  const text = await readText(path);
  if (text === undefined) {
    throw new UsageError(`${folder} has no summary.json: write one with lab run --out ${folder}`);
  }
  try {
    const { scenario, verdict, runs } = JSON.parse(text);
    const values = new Map<string, { all: (number | null)[]; unit: Unit }>();
    for (const { variant, measures } of runs) {
      for (const [measure, value] of Object.entries(measures)) {
        const key = (variant === "" ? "" : `${variant}: `) + measure.replaceAll("_", " ");
        const all: (number | null)[] = values.get(key)?.all ?? [];
        all.push(typeof value === "number" ? value : null);
        values.set(key, { all, unit: unitOf(measure) });
      }
    }
    return {
      scenario: String(scenario),
      verdict: String(verdict),
      values: new Map(
        [...values].map(([key, { all, unit }]) => [key, { value: middle(all), unit }]),
      ),
    };
  } catch (error) {
    throw new UsageError(`${path} is no summary of lab run`, { cause: error });
  }
}

/** The unit of e.g. `penalty of rider`. */
function unitOf(measure: string): Unit {
  const [name = ""] = measure.split(/ of | against /);
  return Object.hasOwn(MEASURES, name) ? MEASURES[name as MeasureName].unit : "times";
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)] ?? null;
}

async function readDrawings(folder: string): Promise<Map<string, string>> {
  const drawings = new Map<string, string>();
  let names: string[];
  try {
    names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return drawings;
    throw error;
  }
  for (const name of names.filter((one) => one.endsWith(".svg")).sort().slice(0, MOST_DRAWINGS)) {
    const drawing = readDrawing(await readText(join(folder, name)) ?? "");
    if (drawing !== undefined) drawings.set(name.replace(/\.svg$/, ""), drawing);
  }
  return drawings;
}

function tableOf(first: Summary, second: Summary, names: readonly string[]): DataTable {
  const keys = [...new Set([...first.values.keys(), ...second.values.keys()])];
  const words = (one: Compared | undefined) =>
    one === undefined || one.value === null ? "" : amount(one.value, one.unit);
  return {
    head: ["median", ...names, "second ÷ first"],
    rows: keys.map((key) => {
      const [a, b] = [first.values.get(key), second.values.get(key)];
      const [from, to] = [a?.value, b?.value];
      return [key, words(a), words(b), from && typeof to === "number" ? rounded(to / from, 3) : ""];
    }),
  };
}
