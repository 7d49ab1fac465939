/**
 * Renamed files: those whose name on disk differs from their name in the torrent: this system cannot
 * have that one, something else has it, or another client made the file.
 *
 * @module
 */
import type { RenamedFile, RenamedFiles } from "../events.ts";

/** Files that are named. */
const NAMED = 16;

/** @param paths where each file lies or will lie, as {@linkcode RenamedFile.disk} */
export function renamedFiles(
  files: readonly { readonly path: string; readonly pad: boolean; readonly symlink: boolean }[],
  paths: readonly string[],
): RenamedFiles {
  let renamed = 0;
  const first: RenamedFile[] = [];
  for (const [index, { path, pad, symlink }] of files.entries()) {
    const disk = paths[index]!;
    if (pad || symlink || disk === path) continue;
    renamed++;
    if (first.length < NAMED) first.push({ path, disk });
  }
  return { renamed, renamedFiles: first };
}
