/**
 * Found names: which of its possible names a file has on disk.
 *
 * @module
 */
import { alternativeName } from "./disk_name.ts";

/**
 * A path for each file: where what lies there fits most files is asked first. No two files get one.
 *
 * @param own the path that each file gets where it is made anew; all differ
 * @param conventions other paths for each file; undefined for none
 * @param isThere whether the file lies under that path
 * @param taken paths of other files
 */
export function chooseFoundNames(
  own: readonly string[],
  conventions: readonly (readonly (string | undefined)[])[],
  isThere: (file: number, path: string) => boolean,
  taken = new Set<string>(),
): string[] {
  const found = [own, ...conventions].map((paths, convention) =>
    paths.map((path, file) =>
      path !== undefined && (convention === 0 || path !== own[file]) && isThere(file, path)
    )
  );
  const counts = found.map((files) => files.filter((is) => is).length);
  // One file alone proves little where another convention explains many.
  const order = [own, ...conventions].map((paths, index) => ({ paths, index }))
    .sort((a, b) => counts[b.index]! - counts[a.index]! || a.index - b.index);
  const chosen: (string | undefined)[] = own.map(() => undefined);
  // A name as it is written is believed, unless it stands for another file in what explains most.
  const best = order[0]!;
  const meant = new Map(
    best.paths.flatMap((path, file): [string | undefined, number][] =>
      found[best.index]![file] ? [[path, file]] : []
    ),
  );
  for (const [file, path] of own.entries()) {
    const isMeant = (meant.get(path) ?? file) === file;
    if (!found[0]![file] || !isMeant || taken.has(path)) continue;
    chosen[file] = path;
    taken.add(path);
  }
  for (const { paths, index } of order) {
    for (const [file, path] of paths.entries()) {
      if (chosen[file] !== undefined || !found[index]![file] || taken.has(path!)) continue;
      chosen[file] = path!;
      taken.add(path!);
    }
  }
  const reserved = new Set(own);
  return chosen.map((path, file) => {
    if (path !== undefined) return path;
    if (!taken.has(own[file]!)) return own[file]!;
    // Another file lies there, as it seems.
    for (let n = 1;; n++) {
      const name = alternativeName(own[file]!, n);
      if (taken.has(name) || reserved.has(name)) continue;
      taken.add(name);
      return name;
    }
  });
}
