/**
 * A clock that stands still while the machine has no processor for the student's program, or none for
 * this one. What a program may take is counted by it: a verdict is not that of a busy machine.
 *
 * @module
 */
import { processorUse } from "../programs/processor_use.ts";

/** ms between two looks. */
const STEP = 100;
/** ms that go by at most from one look to the next: beyond it, this program itself had no processor. */
const MOST = 2 * STEP;

/** Runs until it is disposed. */
export class FairClock implements Disposable {
  /** ms since its start. */
  now = 0;
  /** ms in which it stood still. */
  lost = 0;
  readonly #pidOf: () => number | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #looked = performance.now();
  #pid: number | undefined;
  #used = 0;

  /** @param pidOf the program that is waited for; undefined while none runs */
  constructor(pidOf: () => number | undefined) {
    this.#pidOf = pidOf;
    this.#timer = setInterval(() => this.#look(), STEP);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const age = performance.now() - this.#looked;
    this.#looked += age;
    const granted = Math.min(age, MOST, this.#grantedToProgram());
    this.now += granted;
    this.lost += age - granted;
  }

  /** ms that the program had since the last look: all where it sleeps, otherwise what it computed. */
  #grantedToProgram(): number {
    const pid = this.#pidOf();
    const use = pid === undefined ? undefined : processorUse(pid);
    const isAnother = pid !== this.#pid;
    const used = (use?.used ?? 0) - this.#used;
    this.#pid = pid;
    this.#used = use?.used ?? 0;
    return use === undefined || use.isAtRest || isAnother ? Infinity : Math.max(0, used);
  }
}
