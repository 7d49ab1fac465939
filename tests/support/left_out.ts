/**
 * What becomes of tests whose surroundings are missing.
 *
 * @module
 */

/**
 * Says loudly that a test does not run, and fails where nothing may be left out (`VTORRENT_CI`).
 *
 * @param why completes "NOT RUN: this test …"
 */
export function leaveOut(why: string): false {
  const sentence = `NOT RUN: this test ${why}`;
  if (Deno.env.get("VTORRENT_CI") !== undefined) throw new Error(sentence);
  // deno-lint-ignore no-console
  console.warn(`\n${sentence}`);
  return false;
}
