/**
 * Work that can pause: a generator does a little between two `yield`s, and whoever drives it decides
 * when it goes on. So what strangers sent is worked on without keeping everybody else waiting.
 *
 * @module
 */

/** Work with pauses, and what comes of it. */
export type Steps<T> = Generator<void, T>;

/** Does all of it without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  while (true) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Does something with each, with a pause after each. */
export function* stepForEach<T>(items: Iterable<T>, work: (item: T) => void): Steps<void> {
  for (const item of items) {
    work(item);
    yield;
  }
}
