/**
 * `vtorrent download <FILE|MAGNET|URL>`: downloads, then leaves.
 *
 * @module
 */
import { resolve } from "@std/path";
import { downloadProgress, untilComplete } from "../terminal/progress.ts";
import { oneShotSession, reportToBoards, servePageIfAsked } from "../dashboard/serve_page.ts";
import { ExplainMode } from "../explain/explain_mode.ts";
import { exitWhen, untilSeeded } from "./exit_when.ts";
import { formatBytes } from "../base/format.ts";
import { startOneShot, trackersOf } from "./one_shot_engine.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";
import { addFound, fileOptions, findTorrent } from "../arguments/torrent_argument.ts";
import { severalTold } from "../trackers/versions.ts";
import type { ProgramCall } from "../help/program_table.ts";

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const what = args[0]!;
  const when = exitWhen(flags, "done");
  const dir = resolve(world.cwd, flags.dir ?? ".");
  const search = what !== "-" && !/\.torrent$|^https?:\/\//i.test(what);
  const { named, catalogues } = await trackersOf(flags, { search, screen, stop: world.stop });
  const found = await findTorrent(what, {
    catalogues,
    folders: [world.cwd],
    signal: world.stop,
    input: () => world.stdin.bytes(),
  });
  const several = "others" in found ? severalTold(what, found.others ?? []) : undefined;
  if (several !== undefined) screen.note(several);
  using explaining = new ExplainMode(world, screen);
  await using engine = await startOneShot({ name: "download", dir, flags, screen });
  explaining.attach(engine, flags);
  const more = { trackers: named, peers: flags.peer ?? [] };
  await using _page = await servePageIfAsked(
    oneShotSession(engine, catalogues, flags),
    flags,
    screen,
  );
  await using _reporter = await reportToBoards({ engine, catalogues }, flags);
  const infoHash = await addFound(engine, found, { ...more, ...fileOptions(flags) });
  {
    using _progress = screen.progress("progress", downloadProgress(engine, infoHash));
    await untilComplete(engine, infoHash, { signal: world.stop, timeout: flags.timeout });
  }
  const { name, wantedSize, files } = snapshotOf(engine, infoHash)!;
  const wanted = files.filter((file) => file.priority !== "skip");
  screen.show({
    view: "sentence",
    event: "downloaded",
    text: `"${name}" is complete (${formatBytes(wantedSize)}) in ${dir}`,
    facts: { name, info_hash: infoHash, size: wantedSize, dir, files: wanted.length },
  });
  await untilSeeded(engine, infoHash, { when, stop: world.stop });
  // Nobody remembers it: what lies in the hidden file for the pieces it shares would stay for ever.
  if (wanted.length < files.length) await engine.remove(infoHash);
  return 0;
}
