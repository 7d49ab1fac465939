/**
 * Answers that are there at once or come later: one code path for both, and no promise, hence no
 * turn of the event loop, where none is needed.
 *
 * @module
 */

/** A value now, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** What `run` answers, or what `recover` makes of its error, thrown now or later. */
export function recovering<T>(
  run: () => MaybePromise<T>,
  recover: (error: unknown) => T,
): MaybePromise<T> {
  try {
    const answer = run();
    return answer instanceof Promise ? answer.catch(recover) : answer;
  } catch (error) {
    return recover(error);
  }
}

/** What `use` makes of an answer, at once where the answer is there. */
export function whenAnswered<T, U>(
  answer: MaybePromise<T>,
  use: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}
