/**
 * "Did you mean" for keys and words of a template.
 *
 * @module
 */

/** ` Did you mean "X"?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const most = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best === undefined ? "" : ` Did you mean "${best}"?`;
}

/** Edits from one word to the other; two neighbours swapped count as one. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = a[row - 2] === b[column - 1] && a[row - 1] === b[column - 2];
      line.push(Math.min(
        above[column]! + 1,
        line[column - 1]! + 1,
        above[column - 1]! + same,
        row > 1 && column > 1 && swapped ? before[column - 2]! + 1 : Infinity,
      ));
    }
    before = above;
    above = line;
  }
  return above[b.length]!;
}
