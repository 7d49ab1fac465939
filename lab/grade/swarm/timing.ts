/**
 * Waiting, with an end.
 *
 * @module
 */

/** Resolves after `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a promise resolves with, or undefined after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) =>
    timer = setTimeout(() => resolve(undefined), ms)
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** ms between two ticks of a watch for stalls. */
const TICK = 100;

/** Watches how long this process cannot do anything. Disposing ends it. */
export function watchForStalls(): { readonly longest: number } & Disposable {
  let [last, longest] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    [last, longest] = [now, Math.max(longest, now - last - TICK)];
  }, TICK);
  return {
    get longest() {
      return longest;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}
