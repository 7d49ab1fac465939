/**
 * Statistics over a few numbers.
 *
 * @module
 */

/** The share `p` (0–1) of the numbers is at most this; between two it is interpolated. */
export function quantile(numbers: readonly number[], p: number): number | undefined {
  if (numbers.length === 0) return undefined;
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  const high = sorted[Math.ceil(at)]!;
  return low === high ? low : low + (at - Math.floor(at)) * (high - low);
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number | undefined {
  return quantile(numbers, 0.5);
}

/** The mean. */
export function mean(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : sum(numbers) / numbers.length;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Jain's index of evenness: 1 where all are equal, 1/n where one has it all. */
export function jain(numbers: readonly number[]): number | undefined {
  const squares = sum(numbers.map((one) => one * one));
  return squares === 0 ? undefined : sum(numbers) ** 2 / (numbers.length * squares);
}

/** Slope of the straight line through points (least squares); undefined where all have one x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  const middle = mean(points.map(([x]) => x)) ?? 0;
  const spread = sum(points.map(([x]) => (x - middle) ** 2));
  return spread === 0 ? undefined : sum(points.map(([x, y]) => (x - middle) * y)) / spread;
}
