/**
 * What a member of ours is told about its line.
 *
 * @module
 */

/** What is known of a member's line, bytes/s. */
interface Line {
  readonly up?: number;
  readonly uploadLimit?: number;
  readonly downloadLimit?: number;
}

/**
 * What its engine must not exceed, in bytes/s; left out: nothing. Whoever has a slow line is taken to
 * have said so (`--upload-limit`): how many are given to at once follows from it, and what waits for the
 * line can still be taken back.
 */
export function toldLimits(
  { up, uploadLimit = up, downloadLimit }: Line,
): { uploadLimit?: number; downloadLimit?: number } {
  return {
    ...(uploadLimit === undefined || uploadLimit === Infinity ? {} : { uploadLimit }),
    ...(downloadLimit === undefined ? {} : { downloadLimit }),
  };
}
