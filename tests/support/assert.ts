/**
 * The assertions our tests use, with types: the npm edition of the Deno standard library ships none.
 *
 * @module
 */
import * as std from "@std/assert";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

interface Assertions {
  /** Deep equality, with a readable diff. */
  equals<T>(actual: T, expected: T, message?: string): void;
  notEquals<T>(actual: T, expected: T, message?: string): void;
  match(actual: string, expected: RegExp, message?: string): void;
  includes(actual: string, expected: string, message?: string): void;
  throws<E extends Error>(run: () => unknown, type: ErrorClass<E>, messageIncludes?: string): E;
  rejects<E extends Error>(
    run: () => PromiseLike<unknown>,
    type: ErrorClass<E>,
    messageIncludes?: string,
  ): Promise<E>;
}

const typed: Assertions = {
  equals: std.assertEquals,
  notEquals: std.assertNotEquals,
  match: std.assertMatch,
  includes: std.assertStringIncludes,
  throws: std.assertThrows,
  rejects: std.assertRejects,
};

/** Fails unless `condition` holds; narrows it afterwards. */
export function assert(condition: unknown, message?: string): asserts condition {
  std.assert(condition, message);
}

export const assertEquals: Assertions["equals"] = typed.equals;
export const assertNotEquals: Assertions["notEquals"] = typed.notEquals;
export const assertMatch: Assertions["match"] = typed.match;
export const assertStringIncludes: Assertions["includes"] = typed.includes;
export const assertThrows: Assertions["throws"] = typed.throws;
export const assertRejects: Assertions["rejects"] = typed.rejects;
