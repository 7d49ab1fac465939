/**
 * Remedies: how a person goes on after something went wrong. The engine says which ways there are,
 * and each program that shows it names them in its own words: verbs, buttons or flags.
 *
 * @module
 */

/** Which ways lead on, with the numbers that a sentence needs. */
export type Remedy =
  /** Every file is missing: put back, they are found; a person may have them fetched again. */
  | { readonly kind: "away" }
  /** So many files are missing: the same. */
  | { readonly kind: "missing"; readonly files: number }
  /** So many files differ: the torrent's version is fetched beside them, or written over them. */
  | { readonly kind: "changed"; readonly files: number }
  /** The same, where they have all of the torrent's bytes and more behind them. */
  | { readonly kind: "longer"; readonly files: number }
  /** So many pieces are gone, and can be fetched again. */
  | { readonly kind: "lost"; readonly pieces: number }
  /** Another program downloads the same into the same folder. */
  | { readonly kind: "in-use" }
  /** Another try may do better. */
  | { readonly kind: "again" };

/** Why something does not go on. */
export interface Problem {
  /** What is wrong, in one line. */
  readonly message: string;
  /** Undefined where the message says all there is. */
  readonly remedy?: Remedy | undefined;
}

/** The fields of an event that tell of a problem. */
export function reasonOf(
  problem: Problem | undefined,
): { readonly reason?: string; readonly remedy?: Remedy } {
  if (problem === undefined) return {};
  const { message: reason, remedy } = problem;
  return remedy === undefined ? { reason } : { reason, remedy };
}
