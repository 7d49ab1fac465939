/**
 * Which of a torrent's files have another name on disk than the torrent gives them: this system cannot
 * have that one, something else has it, or another client made the file.
 *
 * @module
 */

/** A file under another name. */
export interface RenamedFile {
  /** As the torrent writes it. */
  readonly path: string;
  /** Where it lies or will lie, relative to the torrent's folder, with `/` between the parts. */
  readonly disk: string;
}

/** How many there are, and the first of them. */
export interface RenamedFiles {
  readonly renamed: number;
  readonly renamedFiles: readonly RenamedFile[];
}

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
