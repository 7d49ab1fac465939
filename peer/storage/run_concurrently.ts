/**
 * Many jobs, a few at a time.
 *
 * @module
 */

/** Jobs at work at once: a file system commits what many wait for together. */
const LANES = 16;

/** Runs the jobs a few at a time. After the first error none is begun, and none is left running. */
export async function runConcurrently<T>(
  items: Iterable<T>,
  job: (item: T) => Promise<void>,
): Promise<void> {
  const queue = Iterator.from(items);
  let hasFailed = false;
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && !hasFailed; next = queue.next()) {
      await job(next.value).catch((error) => {
        hasFailed = true;
        throw error;
      });
    }
  };
  for (const result of await Promise.allSettled(Array.from({ length: LANES }, lane))) {
    if (result.status === "rejected") throw result.reason;
  }
}
