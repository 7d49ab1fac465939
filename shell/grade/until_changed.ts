/**
 * Waiting until a file changes, or one in a folder: the way people work on homework.
 *
 * @module
 */

/** ms without another change after which a save is over: editors write in several steps. */
const SETTLE = 200;

/** Resolves after a change. @throws what `stop` was aborted with */
export async function untilChanged(path: string, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const watcher = Deno.watchFs(path);
  const close = () => {
    try {
      watcher.close();
    } catch {
      // It was closed already.
    }
  };
  let settled: ReturnType<typeof setTimeout> | undefined;
  stop.addEventListener("abort", close);
  try {
    for await (const { kind } of watcher) {
      if (kind === "access") continue;
      clearTimeout(settled);
      settled = setTimeout(close, SETTLE);
    }
  } finally {
    clearTimeout(settled);
    stop.removeEventListener("abort", close);
    close();
  }
  stop.throwIfAborted();
}
