/**
 * `vtorrent create <PATH>...`: makes a .torrent.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { createTorrent } from "../../peer/mod.ts";
import { hashProgress } from "../completion.ts";
import { isLint, LINTS, objection } from "../create_lints.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { FlagValues } from "../flags.ts";
import { magnetLink } from "../magnet_link.ts";
import { didYouMean } from "../nearest.ts";
import { kindOf } from "../torrent_kind.ts";
import { announceUrls } from "../torrent_argument.ts";
import type { Column } from "../view.ts";
import type { ProgramCall } from "../program_table.ts";
import { refuseExisting, writeOutput } from "../write_output.ts";

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
  const webSeeds = (flags["web-seed"] ?? []).map(webSeedOf);
  const isForced = flags.force ?? false;
  if (flags.output !== undefined && flags.output !== "-" && !isForced) {
    await refuseExisting(resolve(world.cwd, flags.output));
  }
  const allowed = allowedLints(flags);
  const facts = { private: flags.private ?? false, trackers: trackers.length };
  const before = { ...facts, pieceLength: flags["piece-length"], pieceCount: undefined };
  refuse(objection(before, allowed));
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
  const target = resolve(world.cwd, flags.output ?? `${info.name}.torrent`);
  await writeOutput(target, created.bytes, { overwrite: isForced });
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
  });
  return 0;
}

/** @throws {UsageError} where it is no web address */
function webSeedOf(text: string): string {
  const protocol = URL.parse(text)?.protocol;
  if (protocol === "http:" || protocol === "https:") return text;
  throw new UsageError(`Cannot use web seed "${text}": write it like http://host/folder/`);
}

/** @throws {UsageError} for a name that is none */
function allowedLints({ allow = [] }: FlagValues): readonly string[] {
  const wrong = allow.find((name) => !isLint(name));
  if (wrong === undefined) return allow;
  throw new UsageError(
    `--allow is "${wrong}": there is ${Object.keys(LINTS).join(", ")}.` +
      didYouMean(wrong, Object.keys(LINTS)),
  );
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new CommandError("failed", reason);
}
