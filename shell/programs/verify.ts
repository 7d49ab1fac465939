/**
 * `vtorrent verify <FILE>`: checks data on disk against a .torrent.
 *
 * @module
 */
import { resolve } from "node:path";
import { type VerifiedFile, verifyFiles } from "../../peer/mod.ts";
import { hashProgress } from "../completion.ts";
import { ExitStatus } from "../exit_status.ts";
import { readTorrent } from "../torrent_file.ts";
import type { Column } from "../view.ts";
import type { ProgramCall } from "../program_table.ts";

const COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "folder" },
  { key: "pieces_good", title: "good pieces", unit: "count" },
  { key: "pieces_total", title: "of", unit: "count" },
  { key: "complete", unit: "yes-no" },
];

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const { metainfo: { info, pieceLayers } } = await readTorrent(args[0]!, world);
  const dir = resolve(world.cwd, flags.dir ?? ".");
  const { report, update } = hashProgress(info.name);
  update(0, info.totalSize);
  const { piecesTotal, piecesGood, complete, files } = await (async () => {
    using _progress = screen.progress("hashing", report);
    return await verifyFiles({
      info,
      pieceLayers,
      dir,
      onProgress: (checked) =>
        update(Math.min(info.totalSize, checked * info.pieceLength), info.totalSize),
      signal: world.stop,
    });
  })();
  const row = { "pieces_total": piecesTotal, "pieces_good": piecesGood, complete };
  if (screen.json) {
    const checked = files.map(({ path, length, good }) => ({ path, length, good }));
    const more = { files: checked };
    screen.show({ view: "facts", event: "verified", columns: [], row, more });
  } else {
    for (const file of files) if (!file.good) screen.problem(problemWith(file));
    screen.show({
      view: "facts",
      event: "verified",
      columns: COLUMNS,
      row: { name: info.name, folder: dir, ...row },
    });
  }
  return complete ? ExitStatus.done : ExitStatus.unverified;
}

function problemWith({ path, length, actualLength }: VerifiedFile): string {
  if (actualLength === undefined) return `${path} is missing`;
  if (actualLength === length) return `${path} does not match its hashes`;
  return `${path} has ${actualLength} bytes instead of ${length}`;
}
