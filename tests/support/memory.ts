/**
 * How much memory a test holds on to.
 *
 * @module
 */

/** Readings that must agree, to how many bytes, and how far apart they are, ms. */
const AGREEING = 5;
const ALIKE = 1 << 20;
const APART = 50;
const MOST_READINGS = 200;

/**
 * Bytes of this file's own heap and buffers without garbage, once they no longer change: what just
 * ended (a connection's buffers) has been let go of by then. The process has other tests' memory as
 * well, so its resident memory says nothing.
 */
export async function memoryAtRest(): Promise<number> {
  const readings: number[] = [];
  while (readings.length < MOST_READINGS) {
    readings.push(memoryInUse());
    const last = readings.slice(-AGREEING);
    if (last.length === AGREEING && Math.max(...last) - Math.min(...last) < ALIKE) break;
    await new Promise((resolve) => setTimeout(resolve, APART));
  }
  return readings.at(-1)!;
}

function memoryInUse(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new Error("This test collects garbage: run it with --v8-flags=--expose-gc");
  }
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
