/**
 * `vtorrent create <PATH>...`: makes a .torrent.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "@std/path";
import { createTorrent, leftOutInWords } from "../../peer/torrent_files.ts";
import { namingSystem, systemComponent } from "../../protocol/mod.ts";
import { hashProgress } from "../terminal/progress.ts";
import { allowedLints, objection } from "../arguments/create_lints.ts";
import { isMeant } from "../arguments/doubtful_source.ts";
import { CommandError } from "../base/errors.ts";
import { ExitStatus } from "../base/exit_status.ts";
import { sentence } from "../base/format.ts";
import { magnetLink } from "../arguments/magnet_link.ts";
import { kindOf } from "../flags/torrent_kind.ts";
import { announceUrls, webSeedUrl } from "../arguments/torrent_argument.ts";
import type { Column } from "../view/view.ts";
import type { ProgramCall } from "../help/program_table.ts";
import { requireWritable, writeOutput } from "../terminal/output_file.ts";

const COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "torrent" },
  { key: "size", unit: "bytes" },
  { key: "files", unit: "count" },
  { key: "pieces", unit: "count" },
  { key: "piece_length", title: "piece length", unit: "bytes" },
  { key: "info_hash", title: "info hash" },
  { key: "info_hash_v2", title: "v2 info hash" },
  { key: "magnet" },
];

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const paths = args.map((path) => resolve(world.cwd, path));
  const trackers = announceUrls(flags.tracker ?? []);
  const webSeeds = (flags["web-seed"] ?? []).map(webSeedUrl);
  const isForced = flags.force ?? false;
  const targetFor = (name: string) =>
    resolve(
      world.cwd,
      flags.output ?? `${systemComponent(name, namingSystem(Deno.build.os))}.torrent`,
    );
  const allowed = allowedLints(flags.allow);
  const facts = { private: flags.private ?? false, trackers: trackers.length };
  const before = { ...facts, pieceLength: flags["piece-length"], pieceCount: undefined };
  refuse(objection(before, allowed));
  for (const path of paths) {
    const isWanted = await isMeant(path, {
      home: world.env("HOME"),
      yes: flags.yes,
      ask: screen.ask,
      question: "Make a torrent of all that is in it?",
      unasked: "vtorrent create -y makes a torrent of it all the same",
    });
    if (!isWanted) {
      screen.note("No torrent is made.");
      return ExitStatus.failed;
    }
  }
  const { report, update } = hashProgress(paths.map((path) => basename(path)).join(", "));
  const created = await (async () => {
    using _progress = screen.progress("hashing", report);
    return await createTorrent({
      path: paths,
      name: flags.name,
      kind: kindOf(flags),
      pieceLength: flags["piece-length"],
      private: flags.private,
      comment: flags.comment,
      source: flags.source,
      includeHidden: flags["include-hidden"],
      includeJunk: flags["include-junk"],
      trackers: trackers.map((url) => [url]),
      webSeeds,
      output: flags.output === "-"
        ? undefined
        : (source) => realTarget(targetFor(flags.name ?? source.name)),
      beforeHash: async (output) => {
        if (output !== undefined) await requireWritable(output, isForced);
      },
      onProgress: update,
      signal: world.stop,
    });
  })();
  const { pieceLength, pieceCount } = created.info;
  refuse(objection({ ...facts, pieceLength, pieceCount }, allowed));
  if (flags.output === "-") {
    screen.bytes(created.bytes);
    return 0;
  }
  const { info } = created;
  const target = targetFor(flags.name ?? info.name);
  await writeOutput(target, created.bytes, { overwrite: isForced });
  if (created.leftOut.length > 0) screen.note(sentence(leftOutInWords(created.leftOut)));
  screen.show({
    view: "facts",
    event: "created",
    columns: COLUMNS,
    row: {
      name: info.name,
      torrent: target,
      size: info.totalSize,
      files: info.files.filter((file) => !file.pad).length,
      pieces: info.pieceCount,
      piece_length: info.pieceLength,
      info_hash: created.infoHash.toHex(),
      info_hash_v2: created.infoHashV2?.toHex(),
      magnet: magnetLink(created, trackers, webSeeds),
    },
    more: { "left_out": created.leftOut },
  });
  return 0;
}

/** The same file by the real path of its folder, as the files of a folder are found. */
function realTarget(path: string): string {
  try {
    return join(Deno.realPathSync(dirname(path)), basename(path));
  } catch {
    return path; // That there is no such folder is said before anything is hashed.
  }
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new CommandError("failed", reason);
}
