/**
 * "Did you mean": the known word closest to a mistyped one.
 *
 * @module
 */

/** Edits from one word to the other; two neighbours swapped count as one. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        above[column]! + 1,
        line[column - 1]! + 1,
        above[column - 1]! + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, before[column - 2]! + 1);
      line.push(least);
    }
    before = above;
    above = line;
  }
  return above[b.length]!;
}

/** The candidate nearest to `word`, or undefined where none is near enough to be meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  return nearestFew(word, candidates, 1)[0];
}

/** Those near enough to be meant, the nearest first, at most so many. */
function nearestFew(word: string, candidates: Iterable<string>, most: number): string[] {
  const wanted = word.toLowerCase();
  const near: { candidate: string; edits: number }[] = [];
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    // What was begun rightly is meant: "stat" for "status", however much is missing.
    const edits = wanted.length >= 2 && known.startsWith(wanted) ? 0.5 : distance(wanted, known);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, known.length) / 3));
    if (edits <= allowed) near.push({ candidate, edits });
  }
  return near.sort((a, b) => a.edits - b.edits).slice(0, most).map(({ candidate }) => candidate);
}

/**
 * ` Did you mean "X"?`, or nothing: to be put behind a sentence about an unknown word.
 *
 * @param most words that are named at most, the nearest first
 */
export function didYouMean(word: string, candidates: Iterable<string>, most = 1): string {
  const found = nearestFew(word, candidates, most).map((one) => `"${one}"`);
  const last = found.pop();
  if (last === undefined) return "";
  return ` Did you mean ${found.length === 0 ? "" : `${found.join(", ")} or `}${last}?`;
}
