/**
 * Check: its definition and its findings.
 *
 * @module
 */
import type { Download } from "./download.ts";
import type { Stage } from "./stage.ts";
import type { TestFile } from "./test_file.ts";

/** How a part of a check came out. */
export type Verdict = "passed" | "failed" | "flaky" | "cannot tell" | "not reached";

/** What was found about one part of a check. */
export interface Finding {
  readonly part: string;
  readonly verdict: Verdict;
  readonly expected: string;
  readonly seen: string;
  readonly why?: string;
  /** Where nothing can be told: whether that is no reason to take points. */
  readonly free?: boolean;
}

/** One part of a check: what gets points. */
export interface Part {
  readonly id: string;
  readonly title: string;
  /** Needs hosts of their own with byte counts. */
  readonly needsBytes?: boolean;
}

/** What a check works with. */
export interface CheckWorld {
  readonly stage: Stage;
  /** A second world, where one check needs two; the evidence is then of it. */
  readonly anew: () => Promise<Stage>;
  /** Longest download, in ms. */
  readonly limit: number;
  readonly settle: number | undefined;
}

/** A row of the table. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly parts: readonly Part[];
  /** Hosts, the tracker's among them. */
  readonly hosts: number;
  /** Link rate as a share of `--rate`. */
  readonly rate: number;
  /** Needs hosts of their own with byte counts in all its parts. */
  readonly needsBytes?: boolean;
  /** Runs only with `--slow`, and where it is asked for by name. */
  readonly isSlow?: boolean;
  /** Compares times: nothing else runs beside it. */
  readonly isTimed?: boolean;
  /** What speaks for most programs that fail here: a habit, never the student. */
  readonly habit: string;
  readonly run: (world: CheckWorld) => Promise<Finding[]>;
  /** In its place where all run on one host, with so many. */
  readonly oneHost?: {
    readonly hosts: number;
    readonly run: (world: CheckWorld) => Promise<Finding[]>;
  };
}

/** Length of the usual file: no multiple of any chunk, 30 times the buffers of the links. */
export const USUAL_SIZE = 2_000_003;

/** Bytes that may be asked for in all, for one file. */
export function budgetOf(file: TestFile): number {
  return Math.max(4_000_000, 20 * file.bytes.length);
}

/** Watches downloads to their ends, all at once. */
export async function watchAll(world: CheckWorld, downloads: readonly Download[]): Promise<void> {
  await Promise.all(downloads.map((download) => watchOne(world, download)));
}

/** Watches one download to its end, or until a share of it has come. */
export async function watchOne(
  { stage, limit, settle }: CheckWorld,
  download: Download,
  share?: number,
): Promise<void> {
  await download.watch(stage.world, {
    limit,
    settle,
    budget: budgetOf(download.file),
    ...(share === undefined ? {} : { until: () => download.share(stage.world) >= share }),
  });
}

/** The finding about downloads that have to be equal. */
export function equalFinding(part: string, downloads: readonly Download[]): Finding {
  const names = [...new Set(downloads.map(({ file }) => file.name))].join(", ");
  const hosts = [...new Set(downloads.map(({ host }) => `h${host}`))].join(", ");
  const { length } = downloads[0]!.file.bytes;
  const wrong = downloads.find(({ isRight }) => !isRight);
  const guess = wrong?.wrong?.guess;
  return {
    part,
    verdict: wrong === undefined ? "passed" : "failed",
    expected: `${names} equal on ${hosts} (${length.toLocaleString("en-US")} bytes)`,
    seen: downloads.map((download) => `h${download.host} ${download.words}`).join(" · "),
    ...(guess === undefined ? {} : { why: guess }),
  };
}

/** A finding from a condition. */
export function finding(
  part: string,
  passed: boolean,
  expected: string,
  seen: string,
): Finding {
  return { part, verdict: passed ? "passed" : "failed", expected, seen };
}

/** A finding where nothing can be told. */
export function cannotTell(part: string, seen: string, free = false): Finding {
  return { part, verdict: "cannot tell", expected: "", seen, free };
}

/** `42 %` */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** `1.9 ×` */
export function times(factor: number): string {
  return `${factor.toFixed(2)} ×`;
}
