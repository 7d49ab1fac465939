/**
 * `vtorrent download <FILE|MAGNET|URL>...`: downloads, then leaves.
 *
 * @module
 */
import { resolve } from "@std/path";
import type { Engine } from "../../peer/mod.ts";
import { downloadProgress, untilComplete } from "../terminal/progress.ts";
import { oneShotSession, reportToBoards, servePageIfAsked } from "../dashboard/serve_page.ts";
import { ExplainMode } from "../explain/explain_mode.ts";
import { exitWhen, untilSeeded } from "./exit_when.ts";
import { exitStatusOf, sentenceOf } from "../base/exit_status.ts";
import { COMMAND_REMEDIES } from "../base/remedies.ts";
import { formatBytes } from "../base/format.ts";
import { startOneShot, trackersOf } from "./one_shot_engine.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";
import { addFound, fileOptions, findTorrent } from "../arguments/torrent_argument.ts";
import { severalTold } from "../trackers/versions.ts";
import type { ProgramCall } from "../help/program_table.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Column, Row } from "../view/view.ts";

/** One of what was asked for, on its way. */
interface Download {
  readonly what: string;
  readonly infoHash: string;
  /** ms of `performance.now()`. */
  readonly start: number;
  end?: number;
}

export async function run(call: ProgramCall): Promise<number> {
  const { args, flags, world, screen } = call;
  const when = exitWhen(flags, "done");
  const dir = resolve(world.cwd, flags.dir ?? ".");
  const search = args.some((what) => what !== "-" && !/\.torrent$|^https?:\/\//i.test(what));
  const { named, catalogues } = await trackersOf(flags, { search, screen, stop: world.stop });
  const failures = new Failures(call);
  const found = await failures.each(args.map((what) => ({ what })), async ({ what }) => {
    const found = await findTorrent(what, {
      catalogues,
      folders: [world.cwd],
      signal: world.stop,
      input: () => world.stdin.bytes(),
    });
    const several = "others" in found ? severalTold(what, found.others ?? []) : undefined;
    if (several !== undefined) screen.note(several);
    return { what, found };
  });
  if (found.length === 0) return failures.status;
  using explaining = new ExplainMode(world, screen);
  await using engine = await startOneShot({
    name: "download",
    dir,
    flags,
    screen,
    saysComplete: true,
  });
  explaining.attach(engine, flags);
  await using _page = await servePageIfAsked(
    oneShotSession(engine, catalogues, flags),
    flags,
    screen,
  );
  await using _reporter = await reportToBoards({ engine, catalogues }, flags);
  const more = { trackers: named, peers: flags.peer ?? [], ...fileOptions(flags) };
  const downloads = await failures.each(found, async ({ what, found }): Promise<Download> => {
    const infoHash = await addFound(engine, found, more);
    return { what, infoHash, start: performance.now() };
  });
  {
    using _progress = showProgress(engine, downloads, screen);
    await failures.each(downloads, async (download) => {
      const { infoHash } = download;
      try {
        await untilComplete(engine, infoHash, {
          signal: world.stop,
          timeout: flags.timeout,
          remedies: COMMAND_REMEDIES,
        });
      } finally {
        download.end = performance.now();
      }
      tellComplete(engine, infoHash, dir, screen);
    });
  }
  if (args.length > 1) {
    screen.show({
      view: "table",
      event: "downloads",
      items: "torrents",
      columns: RESULTS,
      rows: [
        ...downloads.map((download) => resultRow(engine, download)),
        ...failures.notBegun(downloads).map((name): Row => ({ name, state: "failed" })),
      ],
      empty: "",
    });
  }
  await Promise.all(downloads.map(async ({ infoHash }) => {
    const torrent = snapshotOf(engine, infoHash);
    if (torrent?.completedAt === undefined) return;
    await untilSeeded(engine, infoHash, { when, stop: world.stop });
    // Nobody remembers it: what lies in the hidden file for the pieces it shares would stay for ever.
    if (torrent.files.some((file) => file.priority === "skip")) await engine.remove(infoHash);
  }));
  return failures.status;
}

/** What went wrong: the only one ends the program, one of several is told beside the others. */
class Failures {
  readonly #call: ProgramCall;
  readonly #isOne: boolean;
  /** Of the first. */
  status = 0;

  constructor(call: ProgramCall) {
    this.#call = call;
    this.#isOne = call.args.length === 1;
  }

  /** What was asked for and is not among these. */
  notBegun(downloads: readonly Download[]): readonly string[] {
    const begun = new Set(downloads.map(({ what }) => what));
    return this.#call.args.filter((what) => !begun.has(what));
  }

  /** What came of all at once, but for those that failed, which are told. */
  async each<T extends { readonly what: string }, R>(
    items: readonly T[],
    work: (item: T) => Promise<R>,
  ): Promise<R[]> {
    const results = await Promise.all(items.map(async (item) => {
      try {
        return [await work(item)];
      } catch (error) {
        const isStop = this.#call.world.stop.aborted && error instanceof DOMException;
        if (this.#isOne || isStop) throw error;
        this.#call.screen.problem(`${item.what}: ${sentenceOf(error, COMMAND_REMEDIES)}`);
        this.status ||= exitStatusOf(error);
        return [];
      }
    }));
    return results.flat();
  }
}

function tellComplete(engine: Engine, infoHash: string, dir: string, screen: Screen): void {
  const { name, wantedSize, files } = snapshotOf(engine, infoHash)!;
  screen.show({
    view: "sentence",
    event: "downloaded",
    text: `"${name}" is complete (${formatBytes(wantedSize)}) in ${dir}`,
    facts: {
      name,
      info_hash: infoHash,
      size: wantedSize,
      dir,
      files: files.filter((file) => file.priority !== "skip").length,
    },
  });
}

/** Lines one below the other; in JSON a line each. */
function showProgress(engine: Engine, downloads: readonly Download[], screen: Screen): Disposable {
  const reports = downloads.map(({ infoHash }) => downloadProgress(engine, infoHash));
  if (!screen.json) {
    return screen.progress("progress", {
      line: (look) => reports.map(({ line }) => line(look)).join("\n"),
      facts: () => ({}),
    });
  }
  const stack = new DisposableStack();
  for (const report of reports) stack.use(screen.progress("progress", report));
  return stack;
}

const RESULTS: readonly Column[] = [
  { key: "name", flexible: true },
  { key: "state" },
  { key: "progress", title: "done", unit: "share" },
  { key: "size", unit: "bytes" },
  { key: "average", title: "average speed", unit: "rate" },
];

function resultRow(engine: Engine, { infoHash, start, end = start, what }: Download): Row {
  const torrent = snapshotOf(engine, infoHash);
  if (torrent === undefined) return { name: what, state: "removed" };
  const { name, state, progress, wantedSize, downloaded, completedAt } = torrent;
  const seconds = (end - start) / 1000;
  return {
    name,
    state: completedAt === undefined ? state === "error" ? "failed" : "unfinished" : "complete",
    progress,
    size: wantedSize,
    average: downloaded > 0 && seconds > 0 ? Math.round(downloaded / seconds) : undefined,
    info_hash: infoHash,
  };
}
