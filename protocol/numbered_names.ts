/**
 * Numbers for names that are taken, in steps that grow with the names and not with their square.
 *
 * @module
 */

/** Remembers how far each family of numbered names is used up. Its names are never given back. */
export class NumberedNames {
  /** By family: names of one family differ in the digits of their number only. */
  readonly #next = new Map<string, number>();

  /**
   * The first of `named(1)`, `named(2)`, … that is free. Whoever takes a name must say so to `isTaken`
   * from then on.
   *
   * A longer number may cut more of a name, and then names that were different become one: so the last
   * number is kept for the name as it comes out, once for each number of digits.
   */
  firstFree(named: (number: number) => string, isTaken: (name: string) => boolean): string {
    for (let end = 10;; end *= 10) {
      const family = named(end - 1);
      let number = this.#next.get(family) ?? end / 10;
      while (number < end) {
        const name = named(number++);
        if (isTaken(name)) continue;
        this.#next.set(family, number);
        return name;
      }
      this.#next.set(family, number);
    }
  }
}
