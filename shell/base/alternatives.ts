/**
 * Alternatives: those that a person has to choose among, however many they are.
 *
 * @module
 */

/** Most that are named. */
const MOST = 6;

/** `A or B`; of very many the first few, and how many more there are. */
export function alternatives(words: readonly string[]): string {
  const more = words.length - MOST;
  return more <= 0 ? words.join(" or ") : `${words.slice(0, MOST).join(", ")} or ${more} more`;
}
