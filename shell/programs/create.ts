/**
 * `vtorrent create <PATH>...`: makes a .torrent.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { createTorrent } from "../../peer/mod.ts";
import { formatMagnet } from "../../protocol/mod.ts";
import { hashProgress } from "../completion.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { FlagValues } from "../flags.ts";
import { announceUrls } from "../torrent_argument.ts";
import type { Column } from "../view.ts";
import type { ProgramCall } from "../program_table.ts";

const COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "torrent" },
  { key: "size", unit: "bytes" },
  { key: "files", unit: "count" },
  { key: "pieces", unit: "count" },
  { key: "piece_length", title: "piece length", unit: "bytes" },
  { key: "info_hash", title: "info hash" },
  { key: "magnet" },
];

export async function run({ args, flags, world, screen }: ProgramCall): Promise<number> {
  const paths = args.map((path) => resolve(world.cwd, path));
  const trackers = announceUrls(flags.tracker ?? []);
  const webSeeds = (flags["web-seed"] ?? []).map(webSeedOf);
  if (flags.output !== undefined && flags.output !== "-") {
    await refuseExisting(resolve(world.cwd, flags.output), flags);
  }
  const { report, update } = hashProgress(paths.map((path) => basename(path)).join(", "));
  const created = await (async () => {
    using _progress = screen.progress("hashing", report);
    return await createTorrent({
      path: paths,
      name: flags.name,
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
  if (flags.private && trackers.length === 0) {
    screen.note("A private torrent without a tracker: nobody can find a peer. Add --tracker.");
  }
  if (flags.output === "-") {
    screen.bytes(created.bytes);
    return 0;
  }
  const { info } = created;
  const target = resolve(world.cwd, flags.output ?? `${info.name}.torrent`);
  await refuseExisting(target, flags);
  await Deno.writeFile(target, created.bytes);
  screen.show({
    view: "facts",
    event: "created",
    columns: COLUMNS,
    row: {
      name: info.name,
      torrent: target,
      size: info.totalSize,
      files: info.files.length,
      pieces: info.pieceCount,
      piece_length: info.pieceLength,
      info_hash: created.infoHash.toHex(),
      magnet: formatMagnet({
        infoHash: created.infoHash,
        name: info.name,
        trackers,
        webSeeds,
        peers: [],
        select: undefined,
      }),
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

async function refuseExisting(path: string, flags: FlagValues): Promise<void> {
  if (flags.force) return;
  try {
    await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw new CommandError("file-exists", `${path} exists: name another with --output, or --force`);
}
