/**
 * Under which path each file of a torrent lies in a folder, or will lie there.
 *
 * @module
 */
import {
  namingSystem,
  safePaths,
  safePathSteps,
  systemPathSteps,
} from "../../protocol/file_name.ts";
import { type WrittenPath, writtenPath } from "../../protocol/metainfo_files.ts";
import { atOnce } from "../../protocol/steps.ts";
import { partName } from "./disk_name.ts";
import { chooseFoundNames } from "./found_names.ts";
import { aria2PathSteps, libtorrentPathSteps } from "./other_names.ts";
import { StorageError } from "../ports.ts";
import type { DataFolder, DiskEntry } from "./data_folder.ts";
import type { StoredFile } from "./file_store_options.ts";
import { slices } from "../../loop/process_loop.ts";

const SYSTEM = namingSystem(Deno.build.os);

/** Characters of a path that is looked for: no system takes much more. */
const MAX_LOOKED_FOR = 1300;
/** Bytes of a name that any system can have. */
const MAX_NAME = 255;

/**
 * The path of each file relative to the folder: as the torrent writes it, changed only where this
 * system cannot have it. Where nothing lies there, but the file lies under the name that another
 * client gives it, or under the one that is safe on every system (earlier versions wrote that one, and
 * so does a peer on Windows), that one.
 */
export async function findPaths(
  folder: DataFolder,
  files: readonly StoredFile[],
): Promise<string[]> {
  const onDisk = files.filter(isOnDisk);
  const paths = await onDiskPaths(folder, onDisk);
  const found = paths.values();
  return files.map((file) => isOnDisk(file) ? found.next().value! : file.path);
}

async function onDiskPaths(folder: DataFolder, files: readonly StoredFile[]): Promise<string[]> {
  const written: WrittenPath[] = [];
  await slices.each(files, (file) => written.push(writtenPath(file)));
  const parts = written.map((path) => path.parts);
  const own = await slices.run(systemPathSteps(parts, SYSTEM));
  const top = written.slice(0, 1);
  const tops = [
    ...own.slice(0, 1),
    ...safePaths(parts.slice(0, 1)),
    ...atOnce(libtorrentPathSteps(top)),
    ...atOnce(aria2PathSteps(top)),
  ];
  // Most downloads begin where nothing of the torrent lies.
  if (!tops.some((path) => path !== undefined && lies(folder, firstPart(path)))) return own;
  const others = [
    await slices.run(safePathSteps(parts)),
    await slices.run(libtorrentPathSteps(written)),
    await slices.run(aria2PathSteps(written)),
  ];
  const odd: number[] = [];
  await slices.each(own.entries(), ([file, path]) => {
    if (others.some((paths) => paths[file] !== path)) odd.push(file);
  });
  if (odd.length === 0) return own;
  const isOdd = new Set(odd);
  const seen = new Map<string, DiskEntry | undefined>();
  await slices.each(odd, (file) => {
    for (const path of [own[file]!, ...others.map((paths) => paths[file])]) {
      if (path === undefined) continue;
      for (const name of [path, partName(path)]) {
        if (!seen.has(name)) seen.set(name, look(folder, name));
      }
    }
  });
  const names = chooseFoundNames(
    odd.map((file) => own[file]!),
    others.map((paths) => odd.map((file) => paths[file])),
    (index, path) => {
      const entry = seen.get(path);
      const file = odd[index]!;
      const fits = entry?.isFile && (path === own[file] || entry.size === files[file]!.length);
      return fits || (seen.get(partName(path))?.isFile ?? false);
    },
    new Set(own.filter((_, file) => !isOdd.has(file))),
  );
  const result = [...own];
  for (const [index, file] of odd.entries()) result[file] = names[index]!;
  return result;
}

function isOnDisk({ pad, symlink }: StoredFile): boolean {
  return !pad && !symlink;
}

function firstPart(path: string): string {
  const slash = path.indexOf("/");
  return slash < 0 ? path : path.slice(0, slash);
}

/** What lies there; undefined also where nothing of ours can lie. */
function look(folder: DataFolder, path: string): DiskEntry | undefined {
  if (!isPossible(path)) return undefined;
  try {
    return folder.entry(path);
  } catch (error) {
    // A folder leads elsewhere: who uses that name is told so.
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}

/** Whether the file, its `.part` or the folder lies there. */
function lies(folder: DataFolder, path: string): boolean {
  return look(folder, path) !== undefined || look(folder, partName(path)) !== undefined;
}

const encoder = new TextEncoder();

function isPossible(path: string): boolean {
  if (path.length > MAX_LOOKED_FOR || path.includes("\0")) return false;
  return path.split("/").every((part) =>
    part !== "" && part !== "." && part !== ".." && encoder.encode(part).length <= MAX_NAME
  );
}
