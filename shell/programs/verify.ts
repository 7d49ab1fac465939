/**
 * `vtorrent verify <FILE>...`: checks data on disk against .torrent files.
 *
 * @module
 */
import { resolve } from "@std/path";
import {
  rangesText,
  type VerifiedFile,
  type VerifiedFiles,
  verifyFiles,
} from "../../peer/torrent_files.ts";
import { hashProgress } from "../terminal/progress.ts";
import { ExitStatus, exitStatusOf } from "../base/exit_status.ts";
import { formatCount } from "../base/format.ts";
import { readTorrent, type TorrentFile } from "../arguments/torrent_file.ts";
import type { Column, Row } from "../view/view.ts";
import type { ProgramCall } from "../help/program_table.ts";

const COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "folder" },
  { key: "pieces_good", title: "good pieces", unit: "count" },
  { key: "pieces_total", title: "all pieces", unit: "count" },
  { key: "complete", unit: "yes-no" },
];

const FILE_COLUMNS: readonly Column[] = [
  { key: "verdict" },
  { key: "file", flexible: true },
  { key: "length", title: "size", unit: "bytes" },
];

const VERDICTS = { good: "good", bad: "bad", unknown: "cannot be told" } as const;

export async function run(call: ProgramCall): Promise<number> {
  const { args, world, screen } = call;
  if (args.length === 1) return await verifyOne(args[0]!, call);
  const statuses: number[] = [];
  for (const path of args) {
    try {
      statuses.push(await verifyOne(path, call));
    } catch (error) {
      if (world.stop.aborted) throw error;
      // One that cannot be checked says nothing of the others.
      screen.error(error);
      statuses.push(exitStatusOf(error));
    }
  }
  const isOther = (status: number) =>
    status !== ExitStatus.done && status !== ExitStatus.unverified;
  return statuses.find(isOther) ?? Math.max(...statuses);
}

async function verifyOne(path: string, { flags, world, screen }: ProgramCall): Promise<number> {
  const torrent = await readTorrent(path, world);
  const { metainfo: { info, pieceLayers } } = torrent;
  const dir = resolve(world.cwd, flags.dir ?? ".");
  const { report, update } = hashProgress(info.name);
  update(0, info.totalSize);
  const verified = await (async () => {
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
  show(torrent, dir, verified, screen);
  return verified.complete ? ExitStatus.done : ExitStatus.unverified;
}

function show(
  { metainfo: { info }, infoHash }: TorrentFile,
  dir: string,
  { piecesTotal, piecesGood, complete, files }: VerifiedFiles,
  screen: ProgramCall["screen"],
): void {
  const row = { "pieces_total": piecesTotal, "pieces_good": piecesGood, complete };
  if (screen.json) {
    const more = {
      name: info.name,
      "info_hash": infoHash,
      folder: dir,
      files: files.map(factsOf),
    };
    screen.show({ view: "facts", event: "verified", columns: [], row, more });
    return;
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const file of files) {
    if (file.verdict === "good") {
      if (file.foundAt !== undefined) screen.note(`${file.path} is good: it is ${file.foundAt}`);
    } else screen.problem(inWords(file, byPath));
  }
  if (files.length > 1) {
    screen.show({
      view: "table",
      event: "verified",
      items: "files",
      columns: FILE_COLUMNS,
      rows: files.map(({ path, length, verdict }): Row => ({
        verdict: VERDICTS[verdict],
        file: path,
        length,
      })),
      empty: "",
    });
  }
  screen.show({
    view: "facts",
    event: "verified",
    columns: COLUMNS,
    row: { name: info.name, folder: dir, ...row },
  });
}

function factsOf(file: VerifiedFile): Record<string, unknown> {
  const { path, length, verdict, problem, reason } = file;
  return {
    path,
    length,
    good: verdict === "good",
    verdict,
    actual_length: file.actualLength,
    found_at: file.foundAt,
    problem,
    reason,
    bad_pieces: file.badPieces,
    unknown_pieces: file.unknownPieces,
    shared_with: file.sharedWith,
  };
}

/** Files that a shared piece is said to lie in, too. */
const NAMED = 3;

/** What is the matter with a file, in one sentence. Pieces count from 0. */
function inWords(file: VerifiedFile, byPath: ReadonlyMap<string, VerifiedFile>): string {
  const { path, length, actualLength, badPieces, unknownPieces, problem } = file;
  const bad = piecesInWords(badPieces);
  switch (problem) {
    case "missing":
      return `${path} is missing`;
    case "not-a-file":
      return `${path} is no file: it is a folder, or a link that leads nowhere or out of the folder`;
    case "unreadable":
      return `${path} cannot be told: ${file.reason}`;
    case "unfinished":
      return `${path} is unfinished: ` +
        (bad === "" ? "download gives it its name" : `${bad} of it ${areOrIs(badPieces)} lacking`);
    case "length": {
      const sizes = `${path} has ${actualLength} bytes instead of ${length}`;
      if (badPieces.length > 0) return `${sizes}, and ${bad} ${areOrIs(badPieces)} bad`;
      const isLonger = actualLength! > length && unknownPieces.length === 0;
      return isLonger ? `${sizes}: all of it is right, with more behind it` : sizes;
    }
  }
  if (badPieces.length > 0) return `${path} does not match its hashes in ${bad}`;
  const others = file.sharedWith.slice(0, NAMED).map((other) => {
    const { problem, verdict } = byPath.get(other) ?? {};
    return problem === "missing"
      ? `${other} (missing)`
      : verdict === "bad"
      ? `${other} (bad)`
      : other;
  });
  const more = file.sharedWith.length - others.length;
  const sharers = others.join(", ") + (more > 0 ? ` and ${formatCount(more, "more file")}` : "");
  return `${path} cannot be told: it shares ${piecesInWords(unknownPieces)}, ` +
    `which ${areOrIs(unknownPieces)} not good, with ${sharers}`;
}

function piecesInWords(pieces: readonly number[]): string {
  if (pieces.length === 0) return "";
  return `${pieces.length === 1 ? "piece" : "pieces"} ${rangesText(pieces)}`;
}

function areOrIs({ length }: readonly number[]): string {
  return length === 1 ? "is" : "are";
}
