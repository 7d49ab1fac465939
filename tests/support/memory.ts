/**
 * How much memory a test holds on to.
 *
 * @module
 */

/**
 * Bytes of this file's own heap and buffers, without garbage: the process has other tests' as well,
 * so its resident memory says nothing.
 */
export function memoryInUse(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new Error("This test collects garbage: run it with --v8-flags=--expose-gc");
  }
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
