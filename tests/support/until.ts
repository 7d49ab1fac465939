/**
 * Waiting for what other programs do not tell: asked again and again.
 *
 * @module
 */

/** Longest wait (ms). */
const PATIENCE = 60_000;

/** Resolves once `isSo`. @throws where that takes a minute */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!await isSo()) {
    if (performance.now() > end) throw new Error(`Waited ${PATIENCE / 1000} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
